/** A page can't be had; the message is a sentence for the model. */
export class Refusal extends Error {}
