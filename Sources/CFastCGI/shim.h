//  libfcgi's multi-threaded interface, with the calls of Linux that the accept loop makes around it.
#include <fcgiapp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// The C library declares these for _GNU_SOURCE alone, which a Swift module map cannot ask for. Source: unix(7), accept(2),
// pthread_setname_np(3).
struct peer_credentials {
    pid_t process;
    uid_t user;
    gid_t group;
};

extern int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
