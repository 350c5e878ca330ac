//  RapidJSON behind two C functions, with the checks of UTF-8 that it leaves out unless told.

#include "rapidjson.h"

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

bool rapidjson_parse(const char *text, size_t count) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseValidateEncodingFlag>(text, count);
    return !document.HasParseError();
}

bool rapidjson_check(const char *text, size_t count) {
    rapidjson::MemoryStream stream(text, count);
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> input(stream);
    rapidjson::BaseReaderHandler<> handler;
    rapidjson::Reader reader;
    return !reader.Parse<rapidjson::kParseValidateEncodingFlag>(input, handler).IsError();
}
