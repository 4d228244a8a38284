// SPDX-License-Identifier: Apache-2.0
// The SystemC library refers to sc_main even where main is ours and calls sc_start itself.
// Lives in a static library, so a program with an sc_main of its own overrides it.
extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) { return 0; }
