import { writeFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';

/** Pause after which the page is drawn as it stays, in milliseconds. */
const SETTLE_MS = 350;
/** Time in which a viewer follows the pointer to a button, in milliseconds. */
const AIM_MS = 1_000;

/** Style of the caption, and of the page above it. Caption and pointer are pseudo-elements, so the page itself knows nothing of them. */
const caption = (
  text: string,
) => `body::after { content: ${JSON.stringify(text)}; position: fixed; inset: auto 0 0 0;
  z-index: 9999; padding: 12px 20px; background: #1f2a44; color: #fff; font: 600 19px/1.3 system-ui, sans-serif;
  text-align: center; pointer-events: none }`;

/** Style of a frame around a place on the page. */
const pointer = ({
  x,
  y,
  width,
  height,
}: Box) => `body::before { content: ""; display: block; position: fixed;
  left: ${x - 5}px; top: ${y - 5}px; width: ${width + 10}px; height: ${height + 10}px; z-index: 9998;
  border-radius: 10px; outline: 4px solid #e8590c; pointer-events: none }`;

type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

/** A moving picture of a page: frames that are held for their own time, with a caption. */
export class Film {
  readonly #page: Page;
  readonly #frames: { png: Buffer; holdMs: number }[] = [];

  constructor(page: Page) {
    this.#page = page;
  }

  /** Shows a caption, from the next frame on. */
  async say(text: string): Promise<void> {
    await this.#page.addStyleTag({ content: caption(text) });
  }

  /** Takes a frame that is held for a time in milliseconds. */
  async hold(holdMs: number, { settleMs = SETTLE_MS } = {}): Promise<void> {
    await this.#page.waitForTimeout(settleMs);
    this.#frames.push({ png: await this.#page.screenshot(), holdMs });
  }

  /** Marks an element for a while, and clicks on it. */
  async click(target: Locator): Promise<void> {
    await target.scrollIntoViewIfNeeded();
    const box = await target.boundingBox();
    const mark = box && (await this.#page.addStyleTag({ content: pointer(box) }));
    await this.hold(AIM_MS, { settleMs: 0 });
    await mark?.evaluate((style) => style.parentNode?.removeChild(style));
    await target.click();
  }

  /** Writes the frames as an animated WebP that repeats for ever. Returns its size in bytes. */
  async write(path: string): Promise<number> {
    const picture = sharp(
      this.#frames.map(({ png }) => png),
      { join: { animated: true } },
    ).webp({
      quality: 72,
      effort: 6,
      minSize: true,
      loop: 0,
      delay: this.#frames.map(({ holdMs }) => holdMs),
    });
    const data = await picture.toBuffer();
    writeFileSync(path, data);
    return data.length;
  }
}

/** Takes a still picture of a page. */
export async function shoot(page: Page, path: string): Promise<void> {
  await page.waitForTimeout(SETTLE_MS);
  await page.mouse.move(0, 0);
  await sharp(await page.screenshot())
    .webp({ quality: 82, effort: 6 })
    .toFile(path);
}
