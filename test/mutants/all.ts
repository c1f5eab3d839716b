// Every deliberate bug outside the core.
import type { AdapterMutant } from './adapter-mutant.ts';
import { APP_SERVICE_MUTANTS } from './app-service-mutants.ts';
import { HOLDER_MUTANTS } from './holder-mutants.ts';
import { LIBRARY_MUTANTS } from './library-mutants.ts';
import { LIFE_MUTANTS } from './life-mutants.ts';
import { LIMIT_MUTANTS } from './limit-mutants.ts';
import { LOCAL_MUTANTS } from './local-mutants.ts';
import { RECORD_MUTANTS } from './record-mutants.ts';
import { RETENTION_MUTANTS } from './retention-mutants.ts';
import { SERVICE_MUTANTS } from './service-mutants.ts';
import { UPGRADE_MUTANTS } from './upgrade-mutants.ts';

export const ADAPTER_MUTANTS: readonly AdapterMutant[] = [
  ...SERVICE_MUTANTS,
  ...RECORD_MUTANTS,
  ...RETENTION_MUTANTS,
  ...LIMIT_MUTANTS,
  ...LIFE_MUTANTS,
  ...LOCAL_MUTANTS,
  ...LIBRARY_MUTANTS,
  ...UPGRADE_MUTANTS,
  ...APP_SERVICE_MUTANTS,
  ...HOLDER_MUTANTS,
];
