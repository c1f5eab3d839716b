// The queue from the timer to the queue function. It must not load anything: entry files import it at start.

/** Filled by `reconcile-on-schedule`, emptied by `reconcile-account`. Failed messages go to `…-poison`. */
export const RECONCILE_QUEUE = { queueName: 'key-rotation-reconcile', connection: 'AzureWebJobsStorage' } as const;
