// Several files chosen as one filing: a ZIP of them, stored, with the manifest that names the parts. The same files give the same
// bytes, so an upload broken off goes on after they are chosen again. Nothing is copied: the ZIP is made of the files themselves.
(() => {
  'use strict';
  const PIECE = 4 * 1024 * 1024, UTF8_NAME = 0x800, FIRST_DAY = 0x21; // 1 January 1980, midnight
  const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest >>> 0;
  });

  const checkSum = async (blob, onRead) => {
    let sum = 0xffffffff;
    for (let at = 0; at < blob.size; at += PIECE) {
      const bytes = new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
      for (const byte of bytes) sum = TABLE[(sum ^ byte) & 0xff] ^ (sum >>> 8);
      onRead(bytes.length);
    }
    return (sum ^ 0xffffffff) >>> 0;
  };

  // Fields of two or four bytes, low byte first: [value, bytes] each.
  const fields = (...values) => {
    const bytes = [];
    for (const [value, size] of values) for (let at = 0; at < size; at += 1) bytes.push((value >>> (8 * at)) & 0xff);
    return new Uint8Array(bytes);
  };

  const shared = (name, sum, size) => [[UTF8_NAME, 2], [0, 2], [0, 2], [FIRST_DAY, 2], [sum, 4], [size, 4], [size, 4], [name.length, 2], [0, 2]];

  window.packedParts = async (files, packedName, onProgress) => {
    const parts = [...files].sort((one, other) => (one.name < other.name ? -1 : 1));
    const manifest = new Blob([JSON.stringify({ parts: parts.map((part) => ({ name: part.name })) })]);
    const whole = parts.reduce((sum, part) => sum + part.size, 0);
    const pieces = [], directory = [];
    let place = 0, directorySize = 0, read = 0;
    for (const [title, blob] of [...parts.map((part) => [part.name, part]), ['manifest.json', manifest]]) {
      const name = new TextEncoder().encode(title);
      const sum = await checkSum(blob, (count) => { read += count; onProgress(Math.min(read, whole), whole); });
      const header = fields([0x04034b50, 4], [20, 2], ...shared(name, sum, blob.size));
      const entry = fields([0x02014b50, 4], [20, 2], [20, 2], ...shared(name, sum, blob.size), [0, 2], [0, 2], [0, 2], [0, 4], [place, 4]);
      pieces.push(header, name, blob);
      directory.push(entry, name);
      place += header.length + name.length + blob.size;
      directorySize += entry.length + name.length;
    }
    const count = parts.length + 1;
    const end = fields([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [directorySize, 4], [place, 4], [0, 2]);
    return new File([...pieces, ...directory, end], packedName, { type: 'application/zip' });
  };
})();
