// The words of the page about holders. No browser: `test/e2e/page-views.ts` draws them.
import { expect, it } from 'vitest';
import {
  evidenceOf,
  type HolderStatus,
  holderNamed,
  holderTitle,
  kindText,
  standingText,
} from '../../src/page/account/holder-words.ts';

const SITE = '/subscriptions/s/resourcegroups/rg/providers/microsoft.web/sites/shop';
const web: HolderStatus = {
  kind: 'appServiceReference',
  resource: SITE,
  name: 'KEY',
  standing: 'follows',
  needsPerson: false,
  readAt: '2031-05-01T10:00:00Z',
  evidence: { version: 'v2', grade: 'refreshed', at: '2031-05-01T10:01:00Z' },
};

it('a holder is named by its resource and its name within it, with what it is and how it stands', () => {
  expect(holderTitle(web)).toBe('shop · KEY');
  expect(kindText(web)).toBe('Key Vault reference of App Service');
  expect(standingText(web)).toBe('It points at the secret.');
  expect(standingText({ standing: 'unseen', cause: 'Access is denied.' })).toBe(
    'It could not be read. Access is denied.',
  );
});

it('evidence of another version than the published one shows nothing', () => {
  expect(evidenceOf(web, 'v2')).toEqual({
    text: 'It was refreshed after the publish.',
    at: '2031-05-01T10:01:00Z',
  });
  expect(evidenceOf(web, 'v3')).toBeUndefined();
  expect(evidenceOf(web, undefined)).toBeUndefined();
});

it('a consumer of an overlap is a holder if it has its name', () => {
  const holders = { isKnown: true, holders: [web], unseen: [], unseenCount: 0 };
  expect(holderNamed(`${SITE}#KEY`, holders)).toBe(web);
  expect(holderNamed('orders-api', holders)).toBeUndefined();
  expect(holderNamed(`${SITE}#KEY`, undefined)).toBeUndefined();
});
