/** What the services take in one call or one item. Names end in the unit; all limits are inclusive. */

/** Records of one `PutRecords` call. */
export const MAX_PUT_RECORDS = 500;

/** Data and keys of one `PutRecords` call. Kinesis takes 10 MiB; older regions of its documentation and local endpoints say 5. */
export const MAX_PUT_RECORDS_BYTES: number = 5 * 1024 * 1024;

/** Messages of one `PublishBatch` call. */
export const MAX_PUBLISH_BATCH = 10;

/** Texts and attributes of all messages of one `PublishBatch` call. */
export const MAX_PUBLISH_BATCH_BYTES: number = 256 * 1024;

/** The subject of a message. */
export const MAX_SUBJECT_CHARACTERS = 100;

/** Keys of one `BatchGetItem` call. */
export const MAX_BATCH_GET = 100;

/** Connections of one client, and so the most calls that run at a time. The client's own limit is 50. */
export const MAX_CALLS_AT_ONCE = 48;
