import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder to be removed by whoever asked. The database server of a run as root has a user of its own, who must be able to enter. */
export async function makeTemporaryFolder(purpose: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `watchkeep-${purpose}-`));
  await chmod(folder, 0o755);
  return folder;
}
