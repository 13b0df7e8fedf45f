// Lines held back while it is not known whether anybody wants them: those of a start that may fail.
// One hold for the process, whoever logs; thread-safe.
#pragma once

namespace brontes {

/// From here on lines for standard error are kept, with their times. 1000 of them at most: then
/// they are written, as by release_log(). Nothing is held back from a sink of one's own
/// (set_log_sink).
void hold_log();

/// Writes what was held, in order; from here on lines are written at once. Nothing if none is held.
void release_log();

/// Forgets what was held; from here on lines are written at once. Nothing if none is held.
void drop_held_log();

}  // namespace brontes
