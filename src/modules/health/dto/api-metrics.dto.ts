/** Requests answered by this process since it started. */
export class RequestFigures {
  /** All of them. */
  total!: number;

  /** Those answered with a status below 400. */
  success!: number;

  /** Those answered with a status of 400 or above. */
  errors!: number;
}

/** What went out of and came into this process since it started. */
export class MessageFigures {
  /** Notifications sent. */
  sent!: number;

  /** Error events received. */
  received!: number;

  /** Notifications that could not be sent. */
  failed!: number;
}

/** WebSocket sessions of this process since it started. */
export class SessionFigures {
  /** Sessions opened. */
  created!: number;

  /** Sessions open now. */
  active!: number;

  /** Sessions that have ended. */
  deleted!: number;
}

/** The main counters as JSON. */
export class ApiMetrics {
  /** Requests answered. */
  requests!: RequestFigures;

  /** Notifications sent and error events received. */
  messages!: MessageFigures;

  /** WebSocket sessions. */
  sessions!: SessionFigures;
}
