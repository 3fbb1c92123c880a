/** What operators can filter runs by in Temporal's UI, where its server knows these search attributes. They are not encrypted. */
export const SEARCH_ATTRIBUTES = {
  /** The requester's user id. */
  requester: { name: 'CountersignRequester', type: 'KEYWORD' },
  /** The id of the channel of the run's card. */
  channel: { name: 'CountersignChannel', type: 'KEYWORD' },
  /** The run's state; a new run is `searching` until its card waits. */
  state: { name: 'CountersignState', type: 'KEYWORD' },
  /** The user ids of those who approved. */
  approver: { name: 'CountersignApprover', type: 'KEYWORD_LIST' },
} as const;
