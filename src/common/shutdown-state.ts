import { Injectable } from '@nestjs/common';

/** Whether this process has been told to stop. Readiness turns off first, so that nobody sends more work. */
@Injectable()
export class ShutdownState {
  draining = false;
}
