// SPDX-License-Identifier: Apache-2.0
// Memory of a process that makes and drops matrices of megabytes.
#pragma once

namespace razorsim {

/// glibc would map each such matrix anew, and the fault for each of its pages costs more than
/// filling it. After this they come from one heap that is kept, in huge pages where the system
/// gives them. For a whole process, before its work; other C libraries are left as they are.
void keep_heap();

}  // namespace razorsim
