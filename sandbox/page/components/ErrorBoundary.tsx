import { Component, type ReactNode } from 'react';

interface Props {
  /** Sentence that stands in for a part that can't be drawn. */
  instead: string;
  /** Content of the part. After a change the part is drawn again. */
  content?: unknown;
  children: ReactNode;
}

/** Keeps an error in one part from blanking the page: React removes everything up to the next boundary. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidUpdate(before: Props) {
    if (this.state.failed && before.content !== this.props.content) this.setState({ failed: false });
  }

  override render() {
    return this.state.failed ? <p className="error">{this.props.instead}</p> : this.props.children;
  }
}
