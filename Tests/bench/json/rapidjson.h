//  RapidJSON behind two C functions, so that Swift can call it.

#pragma once
#include <stddef.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Reads a text into a document and lets go of it; returns whether it was JSON.
bool rapidjson_parse(const char *text, size_t count);

/// Passes over a text without building anything; returns whether it was JSON.
bool rapidjson_check(const char *text, size_t count);

#ifdef __cplusplus
}
#endif
