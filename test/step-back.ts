// The simulator computes for minutes; beside it, tests of other levels keep time with real processes. So it takes what they
// leave of the processor: this thread, and every thread that it starts, steps back behind them.
import { constants, setPriority } from 'node:os';

setPriority(constants.priority.PRIORITY_LOW);
