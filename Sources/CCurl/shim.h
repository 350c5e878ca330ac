//  libcurl; its variadic functions, which Swift cannot call, by their argument types.
#include <curl/curl.h>

static inline CURLcode jackfield_setopt_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode jackfield_setopt_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode jackfield_setopt_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode jackfield_setopt_write(CURL *handle, CURLoption option,
                                              size_t (*value)(char *, size_t, size_t, void *)) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode jackfield_getinfo_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode jackfield_setopt_opensocket(CURL *handle, curl_opensocket_callback value) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}

/// The address that a socket is for; it may be longer than a `struct sockaddr`.
static inline const struct sockaddr *jackfield_socket_address(const struct curl_sockaddr *address) {
    return &address->addr;
}
