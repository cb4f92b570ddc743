/** A failure that already speaks to a person. */
export class CheckFailure extends Error {
  constructor(
    message: string,
    /** Whether the fault is ours: then nothing was learned about the endpoint. */
    readonly ours = false,
  ) {
    super(message);
  }
}
