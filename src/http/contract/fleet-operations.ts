// The operations of the HTTP surface about the whole fleet: campaigns and the freeze.
// `operation.ts` has the meaning of each field.
import * as z from 'zod';
import { campaignPlanView, campaignView } from '../../fleet/campaign/answers.ts';
import {
  campaignRequestAnswer,
  campaignsAnswer,
  freezeAnswer,
  freezeChangeAnswer,
  freezePlanAnswer,
} from './answers.ts';
import { campaignBody } from './campaign-schemas.ts';
import { type Operation, show } from './operation.ts';
import { operationBody, pageQuery, reasonBody } from './schemas.ts';

function campaignControl(verb: 'pause' | 'resume' | 'abort', summary: string): Operation {
  return {
    id: `${verb}Campaign`,
    method: 'post',
    path: `campaigns/{id}/${verb}`,
    functionName: 'request-campaign',
    summary,
    role: 'Rotation.Operate',
    body: reasonBody,
    answers: { 200: ['The campaign as it is now.', campaignView] },
    problems: [404, 409, 413],
  };
}

function setFreeze(path: 'freeze' | 'unfreeze', summary: string): Operation {
  return {
    id: path,
    method: 'post',
    path,
    functionName: `${path}-fleet`,
    summary,
    role: 'Rotation.Operate',
    body: operationBody,
    answers: {
      200: [
        'The freeze as it is now; of a dry run: what would follow.',
        z.union([freezeChangeAnswer, freezePlanAnswer]),
      ],
    },
    problems: [413],
  };
}

export const FLEET_OPERATIONS: readonly Operation[] = [
  {
    id: 'createCampaign',
    method: 'post',
    path: 'campaigns',
    functionName: 'request-campaign',
    summary: 'Rotate all accounts that match, in rings; or see who would take part.',
    role: 'Rotation.Operate',
    body: campaignBody,
    takesIdempotencyKey: true,
    answers: {
      200: ['Of a dry run: who would take part.', campaignPlanView],
      202: ['Stored; the timer advances it.', campaignRequestAnswer],
    },
    problems: [413, 422],
  },
  campaignControl('pause', 'Start no account until it is resumed.'),
  campaignControl('resume', 'Go on after a pause or a halt.'),
  campaignControl('abort', 'Start no more accounts; rotations under way go on to their end.'),
  {
    ...show('listCampaigns', 'campaigns', 'All campaigns, newest first.', campaignsAnswer),
    functionName: 'show-campaigns',
    query: pageQuery,
    problems: [],
  },
  {
    ...show('showCampaign', 'campaigns/{id}', 'How far a campaign got, by ring, and who has failed.', campaignView),
    functionName: 'show-campaigns',
  },
  {
    ...show('showFreeze', 'freeze', 'Whether all rotations are frozen, since when, by whom and why.', freezeAnswer),
    functionName: 'show-freeze',
    problems: [],
  },
  setFreeze('freeze', 'Stop the rotations of all accounts; leaked keys are replaced all the same.'),
  setFreeze('unfreeze', 'End the freeze.'),
];
