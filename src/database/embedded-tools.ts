import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { childEnvironment } from '../config/config.js';

const run = promisify(execFile);

/** The operating system user that the server runs as, when it is not our own. */
export interface ServerUser {
  uid: number;
  gid: number;
}

export interface ToolContext {
  root: string;
  user?: ServerUser;
}

/** Runs one of PostgreSQL’s programs as the server’s user. Rejects with what it printed. */
export async function runTool(
  program: string,
  parameters: string[],
  { root, user }: ToolContext,
): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(childEnvironment({ LC_ALL: 'C' })).filter(([name]) => !name.startsWith('PG')),
  );
  try {
    const { stdout } = await run(program, parameters, { ...user, cwd: root, env });
    return stdout;
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new Error((stderr || stdout || (error as Error).message).trim(), { cause: error });
  }
}
