// Begins the page.
import { render } from 'preact';
import { Api } from './api.ts';
import { App } from './app.tsx';

const root = document.getElementById('app');
// The page lies beside the API: whatever prefix or proxy is in front of it is in front of both.
if (root !== null) render(<App api={new Api('./')} />, root);
