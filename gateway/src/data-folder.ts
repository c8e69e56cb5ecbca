import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Where the installation keeps what is its own; readable by its user alone. */
export interface DataFolder {
  path: string;
  file(name: string): string;
  /** 256 random bits, made at the first start and the same ever after. */
  secret(name: string): Promise<Buffer>;
  /** Puts a small file of mode 0600 in place, whole or not at all. Gives its path. */
  write(name: string, text: string): Promise<string>;
}

export async function openDataFolder(folder: string): Promise<DataFolder> {
  const root = path.resolve(folder);
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(
      `The data folder ${root} cannot be made (${(error as NodeJS.ErrnoException).code}). Name another one with --data or XIDAO_DATA.`,
      { cause: error },
    );
  }
  const file = (name: string) => path.join(root, name);

  async function write(name: string, text: string): Promise<string> {
    const place = file(name);
    const draft = `${place}.${process.pid}.new`;
    try {
      await writeFile(draft, text, { mode: 0o600 });
      await chmod(draft, 0o600);
      await rename(draft, place);
    } catch (error) {
      throw new Error(
        `The data folder ${root} cannot be written (${(error as NodeJS.ErrnoException).code}). Check its rights and the free space, or name another one with --data.`,
        { cause: error },
      );
    }
    return place;
  }

  return {
    path: root,
    file,
    write,
    async secret(name) {
      try {
        return Buffer.from((await readFile(file(name), 'utf8')).trim(), 'base64url');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      const secret = randomBytes(32);
      await write(name, `${secret.toString('base64url')}\n`);
      return secret;
    },
  };
}
