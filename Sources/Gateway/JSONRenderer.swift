//  Crossbar's response envelope.

import HTTPMessage
import HTTPTypes
import JSON

/// Writes envelopes; what is JSON already is spliced in, not parsed again.
struct JSONRenderer {
    let server: ServerDescription

    func success(_ reply: Reply, _ exchange: Exchange) -> [UInt8] {
        var writer = JSONWriter(
            style: exchange.isPretty ? .pretty : .compact,
            reservingCapacity: reply.content.size + 1_024
        )
        if reply.isBare, case .value(let bytes) = reply.content {
            writer.raw(bytes)
            return writer.bytes
        }
        writer.beginObject()
        switch reply.content {
        case .none, .stream, .file, .text, .made: break
        case .value(let bytes):
            writer.key("data")
            writer.raw(bytes)
        case .rows(let rows):
            writer.key("data")
            writer.beginArray()
            for row in rows { writer.raw(row) }
            writer.endArray()
        }
        finish(&writer, reply, exchange)
        return writer.bytes
    }

    /// The envelope of a list that is read while it is sent: what stands before the rows, the rows, what stands behind.
    func stream(_ rows: RowStream, _ reply: Reply, _ exchange: Exchange) -> ResponseBody.Stream {
        { write in
            var isFirst = true
            try rows.read { batch in
                // Each batch is written by a writer in the middle of the envelope, and cut out of it.
                var writer = openedList(exchange)
                let start = isFirst ? 0 : writer.bytes.count
                for row in batch { writer.raw(row) }
                if !isFirst, !batch.isEmpty { try write([UInt8(ascii: ",")]) }
                if isFirst || !batch.isEmpty { try write(writer.bytes[start...]) }
                isFirst = false
            }
            var writer = openedList(exchange)
            if isFirst { try write(writer.bytes[...]) } else { writer.null() }
            let start = writer.bytes.count
            writer.endArray()
            finish(&writer, reply, exchange)
            try write(writer.bytes[start...])
        }
    }

    private func openedList(_ exchange: Exchange) -> JSONWriter {
        var writer = JSONWriter(style: exchange.isPretty ? .pretty : .compact, reservingCapacity: 65_536)
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        return writer
    }

    /// Writes what every success says, and closes the envelope.
    private func finish(_ writer: inout JSONWriter, _ reply: Reply, _ exchange: Exchange) {
        writer.member("status", "success")
        common(&writer, exchange, authToken: reply.authToken ?? exchange.echoedToken)
        if let revision = reply.revision { writer.member("revision", revision) }
        if let paging = reply.paging {
            writer.key("page_size")
            writer.int(paging.count)
            if let start = paging.start { writer.member("start_key", start) }
            if let next = paging.next { writer.member("next_start_key", next) }
        }
        writer.endObject()
    }

    func failure(_ error: APIError, _ exchange: Exchange) -> [UInt8] {
        var writer = JSONWriter(style: exchange.isPretty ? .pretty : .compact, reservingCapacity: 512)
        writer.beginObject()
        writer.key("data")
        writer.value(error.data)
        writer.member("error", String(error.status.code))
        writer.member("message", error.message)
        writer.member("status", "error")
        common(&writer, exchange, authToken: exchange.echoedToken)
        writer.endObject()
        return writer.bytes
    }

    private func common(_ writer: inout JSONWriter, _ exchange: Exchange, authToken: String?) {
        writer.member("request_id", exchange.requestID)
        if let tokens = exchange.tokens {
            writer.key("tokens")
            writer.beginObject()
            writer.key("consumed")
            writer.int(tokens.consumed)
            writer.key("remaining")
            writer.int(tokens.remaining)
            writer.endObject()
        }
        writer.member("node", server.node)
        writer.member("timestamp", timestamp(exchange.time))
        if exchange.caller != nil { writer.member("version", server.version) }
        if let authToken { writer.member("auth_token", authToken) }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }
}

extension Reply.Content {
    /// About how many bytes it takes.
    fileprivate var size: Int {
        switch self {
        case .none, .stream, .file, .text, .made: 0
        case .value(let bytes): bytes.count
        case .rows(let rows): rows.reduce(0) { $0 + $1.count + 1 }
        }
    }
}
