//  What a browser sends.

import TestServer

extension TestServer {
    /// Opens an address.
    func page(_ target: String, _ token: String) throws -> Answer {
        try send("GET", target, token: token, fields: ["HTTP_ACCEPT": "text/html,*/*;q=0.8"])
    }

    /// Sends a form, as `name=value&…`.
    func post(_ target: String, form: String, _ token: String) throws -> Answer {
        let fields = ["CONTENT_TYPE": "application/x-www-form-urlencoded", "HTTP_ACCEPT": "text/html"]
        return try send("POST", target, form, token: token, fields: fields)
    }
}
