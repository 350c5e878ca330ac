//  libsodium: Argon2id and constant-time comparison.
#include <sodium.h>
