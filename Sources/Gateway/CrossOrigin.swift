//  Browser applications on another origin. Source: the Fetch standard, "CORS protocol".

import HTTPMessage
import HTTPTypes

/// A request that a browser marked as coming from another origin.
struct CrossOrigin {
    /// Nil unless the request has one of the fields that a browser adds.
    init?(_ parameters: CGIParameters) {
        let marks: [StaticString] = [
            "HTTP_ORIGIN", "HTTP_ACCESS_CONTROL_REQUEST_METHOD", "HTTP_ACCESS_CONTROL_REQUEST_HEADERS",
        ]
        guard marks.contains(where: { parameters.bytes($0) != nil }) else { return nil }
    }

    /// Appends the fields that let a page of any origin read the answer; tokens travel in a field that no browser adds
    /// by itself, so any origin may ask.
    static func append(to fields: inout HTTPFields, methods: [HTTPRequest.Method]) {
        let allowed = ["OPTIONS"] + methods.map(\.rawValue)
        fields.append(HTTPField(name: .accessControlAllowOrigin, value: "*"))
        fields.append(HTTPField(name: .accessControlAllowMethods, value: allowed.joined(separator: ", ")))
        fields.append(HTTPField(name: .accessControlAllowHeaders, value: allowedHeaders))
        fields.append(HTTPField(name: .accessControlExposeHeaders, value: exposedHeaders))
        fields.append(HTTPField(name: .accessControlMaxAge, value: "86400"))
    }

    private static let exposedHeaders = [
        "allow", "content-disposition", "content-type", "etag", "location", "retry-after", "x-auth-token",
        "x-kazoo-cluster-id", "x-request-id",
    ].joined(separator: ", ")

    /// Crossbar's, some of which nobody reads: a browser stops a request if one that its page sets is missing here.
    private static let allowedHeaders = [
        "accept", "authorization", "cache-control", "content-type", "depth", "idempotency-key", "if-match",
        "if-modified-since", "if-none-match", "user-agent", "x-auth-account-id", "x-auth-token", "x-file-name",
        "x-file-size", "x-http-method-override", "x-kazoo-cluster-id", "x-pretty-print", "x-request-id",
        "x-requested-with",
    ].joined(separator: ", ")
}
