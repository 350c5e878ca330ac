//  The floor of the benchmark: libfcgi's classic loop, a thread a connection, that answers a constant.
//
//  It has the daemon's command line, as far as nginx/start uses it:
//      floor init …
//      floor serve --socket PATH [--workers THREADS]

#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

//  More than nginx keeps connections (2 workers, 32 each), because every one of them holds a thread.
enum { STANDARD_THREADS = 96, BODY = 1024 };

static int listener;
static char body[BODY + 1];

static void *serve(void *unused) {
    (void)unused;
    FCGX_Request request;
    FCGX_InitRequest(&request, listener, 0);
    while (FCGX_Accept_r(&request) == 0) {
        char ignored[8192];
        while (FCGX_GetStr(ignored, sizeof ignored, request.in) > 0) {}
        FCGX_FPrintF(request.out, "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", BODY);
        FCGX_PutStr(body, BODY, request.out);
        FCGX_Finish_r(&request);
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
    int threads = workers ? atoi(workers) : STANDARD_THREADS;
    if (path == NULL || threads < 1) return 64;

    sigset_t terminate;
    sigemptyset(&terminate);
    sigaddset(&terminate, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &terminate, NULL);

    memset(body, 'x', BODY);
    memcpy(body, "{\"data\":\"", 9);
    memcpy(body + BODY - 2, "\"}", 2);
    if (FCGX_Init() != 0 || (listener = FCGX_OpenSocket(path, 1024)) < 0) return 71;
    chmod(path, 0660);
    for (int index = 0; index < threads; index++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, NULL) != 0) return 71;
    }
    int received;
    sigwait(&terminate, &received);
    unlink(path);
    return 0;
}
