import { Component, type ComponentChildren, createElement, type FunctionComponent } from 'preact';

/** A component that is drawn anew only when what it is given has changed. */
export function memo<P extends object>(Inner: FunctionComponent<P>) {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return (Object.keys(next) as (keyof P)[]).some((name) => next[name] !== this.props[name]);
    }
    override render(): ComponentChildren {
      return createElement(Inner as FunctionComponent<object>, this.props);
    }
  };
}
