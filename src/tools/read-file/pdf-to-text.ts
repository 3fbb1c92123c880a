import { getDocumentProxy } from 'unpdf';

export type PdfText = { text: string } | { why: string };

/** Extracts the text of a PDF, page by page, until there are more than `maxChars` characters. @throws when the file is broken. */
export async function pdfToText(bytes: Uint8Array, maxChars: number): Promise<PdfText> {
  let pdf: Awaited<ReturnType<typeof getDocumentProxy>>;
  try {
    pdf = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
  } catch (error) {
    if ((error as Error).name === 'PasswordException') return { why: 'it needs a password' };
    throw error;
  }
  let text = '';
  for (let number = 1; number <= pdf.numPages && text.length <= maxChars; number += 1) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    const lines = items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : ''));
    text += `${lines.join('')}\n\n`;
    page.cleanup();
  }
  return { text: text.trim() };
}
