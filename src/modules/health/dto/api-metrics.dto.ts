/** Requests answered by this process since it started. */
export class RequestFiguresDto {
  /** All of them. */
  total!: number;

  /** Those answered with a status below 400. */
  success!: number;

  /** Those answered with a status of 400 or above. */
  errors!: number;
}

/** What went out of and came into this process since it started. */
export class MessageFiguresDto {
  /** Notifications sent. */
  sent!: number;

  /** Error events received. */
  received!: number;

  /** Notifications that could not be sent. */
  failed!: number;
}

/** WebSocket sessions of this process since it started. */
export class SessionFiguresDto {
  /** Sessions opened. */
  created!: number;

  /** Sessions open now. */
  active!: number;

  /** Sessions that have ended. */
  deleted!: number;
}

/** The main counters as JSON. */
export class ApiMetricsDto {
  /** Requests answered. */
  requests!: RequestFiguresDto;

  /** Notifications sent and error events received. */
  messages!: MessageFiguresDto;

  /** WebSocket sessions. */
  sessions!: SessionFiguresDto;
}
