// The keys of an account as Azure Resource Manager answers them, or its refusal.
// It must not decide whether the keys can be requested: the world does.
import type { KeyName } from '../../world/nature.ts';
import { WorldError } from '../../world/world-error.ts';
import type { Answer, WireCall } from '../http.ts';
import { armError, success } from './answers.ts';

type Keys = Readonly<Record<KeyName, string>>;

/** `fields`: the names of the keys in the answer. That search services refuse with the same words is assumed. */
export function keysOrRefusal(
  call: WireCall,
  action: 'list' | 'regenerate',
  act: () => Keys,
  fields: Keys = { key1: 'key1', key2: 'key2' },
): Answer {
  try {
    const { key1, key2 } = act();
    return success(call, { [fields.key1]: key1, [fields.key2]: key2 });
  } catch (error) {
    return refused(error, action);
  }
}

function refused(error: unknown, action: 'list' | 'regenerate'): Answer {
  if (!(error instanceof WorldError)) throw error;
  if (error.code === 'LocalAuthDisabled') {
    return armError(400, 'BadRequest', `Failed to ${action} key. disableLocalAuth is set to be true`);
  }
  if (error.code === 'AccountProvisioningStateInvalid') {
    const message =
      'Call to Microsoft.CognitiveServices/accounts failed. Error message: ' +
      `Account ${error.subject} in state ${error.detail ?? 'Accepted'}`;
    return armError(400, 'AccountProvisioningStateInvalid', message);
  }
  throw error;
}
