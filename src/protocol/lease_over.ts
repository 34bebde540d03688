/** Exit code of a worker whose server did not renew its lease on the job: nothing was lost. */
export const LEASE_OVER = 76;
