// RUN: not condense-opt %s --compress-annotate="scheme='#compress.positions<format = bitmap>'" 2>&1 | FileCheck %s --check-prefix=SCHEME
// RUN: not condense-opt %s --compress-annotate="max-error=-1" 2>&1 | FileCheck %s --check-prefix=ERROR
// RUN: not condense-opt %s --compress-annotate="scheme='#compress.prune<n = 4, m = 2>'" 2>&1 | FileCheck %s --check-prefix=GROUPS

// SCHEME: error: scheme: '#compress.positions<format = bitmap>' is no request, such as #compress.prune<n = 2, m = 4>
// ERROR: error: max-error: -1.000000e+00 is negative
// GROUPS: error: requires 0 < n < m <= 16, found n = 4 and m = 2
module {}
