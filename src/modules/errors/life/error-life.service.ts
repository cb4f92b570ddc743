import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '../../../common/access.js';
import { Clock } from '../../../common/clock.js';
import type { ErrorStatusDto } from '../dto/error.dto.js';
import { errorNotFound } from '../error-not-found.js';
import { statusOf } from '../stored-error.js';
import { actionOf } from './action-of.js';
import { actorOf } from './actor.js';
import type {
  AssignErrorDto,
  ErrorAssignmentDto,
  MuteErrorDto,
  ResolveErrorDto,
} from './dto/change-error.dto.js';
import type { ErrorAction } from './error-action.js';
import { ErrorStates } from './error-states.service.js';

/** What is asked for one error, in the words of the API. All throw CodedException `ERROR_NOT_FOUND` and `VALIDATION_FAILED`. */
@Injectable()
export class ErrorLife {
  constructor(
    private readonly states: ErrorStates,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async resolve(id: string, options: ResolveErrorDto, by: Principal): Promise<ErrorStatusDto> {
    await this.change(id, actionOf('resolve', options ?? {}, this.askedBy(by)), by);
    return { status: 'resolved' };
  }

  async unresolve(id: string, by: Principal): Promise<ErrorStatusDto> {
    await this.change(id, { action: 'unresolve' }, by);
    return this.status(id);
  }

  async mute(id: string, options: MuteErrorDto, by: Principal): Promise<ErrorStatusDto> {
    await this.change(id, actionOf('mute', options ?? {}, this.askedBy(by)), by);
    return { status: 'muted' };
  }

  async unmute(id: string, by: Principal): Promise<ErrorStatusDto> {
    await this.change(id, { action: 'unmute' }, by);
    return this.status(id);
  }

  async assign(id: string, options: AssignErrorDto, by: Principal): Promise<ErrorAssignmentDto> {
    const action = actionOf('assign', options, this.askedBy(by));
    await this.change(id, action, by);
    return { assigned_to: action.action === 'assign' ? action.assignee : null };
  }

  private change(id: string, action: ErrorAction, by: Principal): Promise<boolean> {
    return this.states.change(id, action, actorOf(by));
  }

  private askedBy(by: Principal): { by: Principal; now: Date } {
    return { by, now: this.clock.now() };
  }

  private async status(id: string): Promise<ErrorStatusDto> {
    const [row] = await this.dataSource.query<{ resolved: boolean; muted: boolean }[]>(
      'SELECT resolved, muted FROM errors WHERE id = (SELECT coalesce(merged_into, id) FROM errors WHERE id = $1)',
      [id],
    );
    if (!row) throw errorNotFound();
    return { status: statusOf(row) };
  }
}
