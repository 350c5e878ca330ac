//  Tells the thread sanitizer of the hand-over of Swift's Mutex when threads wait for it. The kernel does that, below the
//  standard library, which is built without the sanitizer; so everything that such a Mutex guards would be a race.
//
//  To be preloaded. A Mutex that nobody waits for is taken and given back by code of the caller, which the sanitizer sees;
//  the three functions that it calls otherwise are those here: the library's own, with their order told.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// Of the sanitizer's runtime, in the program; weak, because the programs that start it load this library, too.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

// Synchronization._MutexHandle._lockSlow(UInt32), _tryLockSlow() -> Bool and _unlockSlow() of Swift 6.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool try_lock_slow(SELF) __asm__(TRY_LOCK);
SWIFT void unlock_slow(SELF) __asm__(UNLOCK);

// The library's own function.
static void *original(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) {
        fprintf(stderr, "%s is not there: another version of Swift needs other names.\n", name);
        abort();
    }
    return function;
}

SWIFT void lock_slow(uint32_t thread, SELF) {
    static SWIFT void (*lock)(uint32_t, SELF);
    if (!lock) lock = original(LOCK);
    lock(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT bool try_lock_slow(SELF) {
    static SWIFT bool (*try_lock)(SELF);
    if (!try_lock) try_lock = original(TRY_LOCK);
    bool is_locked = try_lock(self);
    if (is_locked && __tsan_acquire) __tsan_acquire(self);
    return is_locked;
}

SWIFT void unlock_slow(SELF) {
    static SWIFT void (*unlock)(SELF);
    if (!unlock) unlock = original(UNLOCK);
    // Before another thread can have it.
    if (__tsan_release) __tsan_release(self);
    unlock(self);
}
