//  librabbitmq, and those of its parts that Swift cannot reach: variadic functions, casting macros, decoded methods.
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

/// Logs in by user name and password; `heartbeat` in seconds.
static inline amqp_rpc_reply_t jackfield_amqp_login(amqp_connection_state_t state, const char *vhost, int heartbeat,
                                                    const char *user, const char *password) {
    return amqp_login(state, vhost, AMQP_DEFAULT_MAX_CHANNELS, AMQP_DEFAULT_FRAME_SIZE, heartbeat,
                      AMQP_SASL_METHOD_PLAIN, user, password);
}

/// Declares a durable topic exchange.
static inline amqp_rpc_reply_t jackfield_amqp_declare_topic(amqp_connection_state_t state, const char *exchange) {
    amqp_exchange_declare(state, 1, amqp_cstring_bytes(exchange), amqp_cstring_bytes("topic"), 0, 1, 0, 0,
                          amqp_empty_table);
    return amqp_get_rpc_reply(state);
}

/// Makes the broker confirm what is published on the channel from now on.
static inline amqp_rpc_reply_t jackfield_amqp_confirm_select(amqp_connection_state_t state) {
    amqp_confirm_select(state, 1);
    return amqp_get_rpc_reply(state);
}

/// Publishes a persistent JSON message; returns a status of librabbitmq.
static inline int jackfield_amqp_publish(amqp_connection_state_t state, const char *exchange, const char *key,
                                         const char *identifier, const char *type, uint64_t time, const void *body,
                                         size_t length) {
    amqp_basic_properties_t properties;
    memset(&properties, 0, sizeof properties);
    properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG |
                        AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_APP_ID_FLAG;
    properties.content_type = amqp_cstring_bytes("application/json");
    properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
    properties.message_id = amqp_cstring_bytes(identifier);
    properties.type = amqp_cstring_bytes(type);
    properties.timestamp = time;
    properties.app_id = amqp_cstring_bytes("jackfield");
    amqp_bytes_t bytes = {length, (void *)body};
    return amqp_basic_publish(state, 1, amqp_cstring_bytes(exchange), amqp_cstring_bytes(key), 0, 0, &properties,
                              bytes);
}

enum jackfield_amqp_signal {
    jackfield_amqp_nothing,
    jackfield_amqp_acknowledged,
    jackfield_amqp_refused,
    jackfield_amqp_closed,
    jackfield_amqp_failed
};

/// Waits for what the broker says next, at most `milliseconds`, and sends heartbeats when they are due.
///
/// `tag` becomes the number of the message that was confirmed or refused, `multiple` whether all before it were too;
/// `status` the status of librabbitmq if the connection failed.
static inline enum jackfield_amqp_signal jackfield_amqp_next(amqp_connection_state_t state, int milliseconds,
                                                             uint64_t *tag, int *multiple, int *status) {
    amqp_frame_t frame;
    struct timeval timeout = {milliseconds / 1000, milliseconds % 1000 * 1000};
    amqp_maybe_release_buffers(state);
    *status = amqp_simple_wait_frame_noblock(state, &frame, &timeout);
    if (*status == AMQP_STATUS_TIMEOUT)
        return jackfield_amqp_nothing;
    if (*status != AMQP_STATUS_OK)
        return jackfield_amqp_failed;
    if (frame.frame_type != AMQP_FRAME_METHOD)
        return jackfield_amqp_nothing;
    switch (frame.payload.method.id) {
        case AMQP_BASIC_ACK_METHOD: {
            const amqp_basic_ack_t *method = (const amqp_basic_ack_t *)frame.payload.method.decoded;
            *tag = method->delivery_tag;
            *multiple = method->multiple;
            return jackfield_amqp_acknowledged;
        }
        case AMQP_BASIC_NACK_METHOD: {
            const amqp_basic_nack_t *method = (const amqp_basic_nack_t *)frame.payload.method.decoded;
            *tag = method->delivery_tag;
            *multiple = method->multiple;
            return jackfield_amqp_refused;
        }
        case AMQP_CHANNEL_CLOSE_METHOD:
        case AMQP_CONNECTION_CLOSE_METHOD:
            return jackfield_amqp_closed;
        default:
            return jackfield_amqp_nothing;
    }
}

/// Writes why a call failed; returns whether it did.
static inline int jackfield_amqp_reason(amqp_rpc_reply_t reply, char *text, size_t size) {
    switch (reply.reply_type) {
        case AMQP_RESPONSE_NORMAL:
            return 0;
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            snprintf(text, size, "%s", amqp_error_string2(reply.library_error));
            return 1;
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
                const amqp_channel_close_t *method = (const amqp_channel_close_t *)reply.reply.decoded;
                snprintf(text, size, "%.*s", (int)method->reply_text.len, (const char *)method->reply_text.bytes);
            } else if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
                const amqp_connection_close_t *method = (const amqp_connection_close_t *)reply.reply.decoded;
                snprintf(text, size, "%.*s", (int)method->reply_text.len, (const char *)method->reply_text.bytes);
            } else {
                snprintf(text, size, "the broker answered by method 0x%08x", (unsigned)reply.reply.id);
            }
            return 1;
        default:
            snprintf(text, size, "the broker did not answer");
            return 1;
    }
}
