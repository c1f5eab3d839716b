// Begins the page.
import { render } from 'preact';
import { Api } from './api.ts';
import { App } from './app.tsx';

const root = document.getElementById('app');
// The page lies next to the API: a prefix or proxy in front of one is in front of both.
if (root !== null) render(<App api={new Api('./')} />, root);
