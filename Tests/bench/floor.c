//  The floor of the benchmark: the least that a FastCGI program on libfcgi must do, in C. It answers a constant.
//
//  It has the daemon's command line, as far as nginx/start uses it:
//      floor init …
//      floor serve --socket PATH [--workers THREADS] [--epoll]
//
//  Without --epoll it is libfcgi's classic loop, a thread a connection. With it, idle connections wait in one epoll set
//  and a readable one is handed to one of a few threads, as the server does.

#define _GNU_SOURCE
#include <fcgiapp.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

//  Classic: more than nginx keeps connections (2 workers, 32 each), because every one of them holds a thread.
enum { CLASSIC_THREADS = 96, EPOLL_THREADS = 8, BODY = 1024 };

static int listener, poller;
static char body[BODY + 1];

static void answer(FCGX_Request *request) {
    char ignored[8192];
    while (FCGX_GetStr(ignored, sizeof ignored, request->in) > 0) {}
    FCGX_FPrintF(request->out, "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", BODY);
    FCGX_PutStr(body, BODY, request->out);
}

static void *serve_classic(void *unused) {
    (void)unused;
    FCGX_Request request;
    FCGX_InitRequest(&request, listener, 0);
    while (FCGX_Accept_r(&request) == 0) {
        answer(&request);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

static void watch(int operation, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = descriptor};
    epoll_ctl(poller, operation, descriptor, &event);
}

static void *serve_epoll(void *unused) {
    (void)unused;
    FCGX_Request request;
    FCGX_InitRequest(&request, -1, 0);
    for (;;) {
        struct epoll_event event;
        if (epoll_wait(poller, &event, 1, -1) < 1) continue;
        if (event.data.fd == listener) {
            for (int connection; (connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
                watch(EPOLL_CTL_ADD, connection);
            watch(EPOLL_CTL_MOD, listener);
            continue;
        }
        //  Given a descriptor, libfcgi accepts none itself; it closes this one when the peer has left.
        request.ipcFd = event.data.fd;
        request.keepConnection = 1;
        if (FCGX_Accept_r(&request) != 0) continue;
        answer(&request);
        FCGX_Finish_r(&request);
        if (request.ipcFd >= 0) watch(EPOLL_CTL_MOD, request.ipcFd);
        request.ipcFd = -1;
    }
    return NULL;
}

static const char *option(int count, char **arguments, const char *name) {
    for (int index = 2; index + 1 < count; index++)
        if (strcmp(arguments[index], name) == 0) return arguments[index + 1];
    return NULL;
}

int main(int count, char **arguments) {
    if (count > 1 && strcmp(arguments[1], "init") == 0) return 0;
    const char *path = option(count, arguments, "--socket");
    const char *workers = option(count, arguments, "--workers");
    bool polls = count > 1 && strcmp(arguments[count - 1], "--epoll") == 0;
    int threads = workers ? atoi(workers) : polls ? EPOLL_THREADS : CLASSIC_THREADS;
    if (path == NULL || threads < 1) return 64;

    sigset_t terminate;
    sigemptyset(&terminate);
    sigaddset(&terminate, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &terminate, NULL);
    signal(SIGPIPE, SIG_IGN);

    memset(body, 'x', BODY);
    memcpy(body, "{\"data\":\"", 9);
    memcpy(body + BODY - 2, "\"}", 2);
    if (FCGX_Init() != 0 || (listener = FCGX_OpenSocket(path, 1024)) < 0) return 71;
    chmod(path, 0660);
    if (polls) {
        if ((poller = epoll_create1(EPOLL_CLOEXEC)) < 0) return 71;
        fcntl(listener, F_SETFL, O_NONBLOCK);
        watch(EPOLL_CTL_ADD, listener);
    }
    for (int index = 0; index < threads; index++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, polls ? serve_epoll : serve_classic, NULL) != 0) return 71;
    }
    int received;
    sigwait(&terminate, &received);
    unlink(path);
    return 0;
}
