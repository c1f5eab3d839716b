// What an operator does about a blocked account, in one or two sentences: the status page shows it, and the runbook has
// it under the heading of the reason. It must not decide anything.
import type { BlockedReason } from '../rotation/reasons.ts';

/** Held equal with the lines "In short" of docs/runbook.md by a test. */
export const BLOCK_REMEDIES: Readonly<Record<BlockedReason, string>> = {
  RecordUnreadable:
    'If a newer version of the service wrote the row, deploy that version again. Else remove the damaged row.',
  SecretNotRecognised:
    'Find out who wrote the value. Then write the published key into the secret again, or give the account another secret.',
  OtherInstallation: 'Decide which installation rotates the account, and take the account out of the other one.',
  SecretDisabled: 'Enable the newest version of the secret, or write the published key as a new version.',
  KeysIdentical: 'Regenerate the slot that is not published, by hand, once.',
  AdoptionKeyNotAccepted: 'Run a check, and end the cause that it names.',
  RepairKeyNotAccepted:
    'If no calls fail, wait. If calls fail, write the key of the slot that is not published into the secret.',
  PublishedKeyNotAccepted: 'Run a check, and end the cause that it names. If a key leaked, name the leaked key.',
  NewKeyNotAccepted:
    'If nothing leaked, wait, and run a check of the endpoint. If the published key leaked, name it again and accept an outage.',
  ConsumersNotAcknowledged:
    'Bring each missing consumer to the new key. A consumer that cannot acknowledge is taken off the policy.',
  RegenerateHasNoEffect:
    'Look for a lock on the account and for missing permissions. When the cause has ended, ask for a rotation.',
  StandbyMayBeInUse: 'Look whether an application uses the standby key. If none does, approve.',
  SecretUnreachable:
    'Make Key Vault reachable again. If the leak is worse than an outage, name the key again and accept an outage.',
  PolicyInvalid: 'Correct the policy document, then change the sentinel.',
  RequestTooOld: 'If the key is still leaked, name it again. If it is not, withdraw the request.',
};
