// The queue between the functions of the timer and of the queue. It must not load anything: entry files import it at start.

/** Filled by `reconcile-on-schedule`, worked off by `reconcile-account`; the platform moves what fails to `…-poison`. */
export const RECONCILE_QUEUE = { queueName: 'key-rotation-reconcile', connection: 'AzureWebJobsStorage' } as const;
