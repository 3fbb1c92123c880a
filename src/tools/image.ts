import { disableTypes, imageSize, types } from 'image-size';

/** Image types that the Messages API takes, by their names in `image-size`. */
const MEDIA_TYPES = { png: 'image/png', jpg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp' } as const;
disableTypes(types.filter((type) => !(type in MEDIA_TYPES)));

/** Reads an image's type and size from its bytes. The API refuses a whole request if one image's type is wrong. */
export function readImage(base64: string) {
  const bytes = Buffer.from(base64, 'base64');
  try {
    const { type, width, height } = imageSize(bytes);
    const mediaType = Object.entries(MEDIA_TYPES).find(([name]) => name === type)?.[1];
    return mediaType && { mediaType, width, height, bytes };
  } catch {
    return undefined;
  }
}
