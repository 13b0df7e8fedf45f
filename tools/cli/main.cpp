// The command `brontes`: see `brontes --help`.
#include <brontes/tools/cli/commands.hpp>

int main(int argc, char** argv) { return brontes::cli::run({argv + 1, argv + argc}); }
