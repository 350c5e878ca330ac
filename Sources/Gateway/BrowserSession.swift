//  A browser's session: what its cookie is worth, and what it is told to keep.

import HTTPMessage
import HTTPTypes
import Identity

/// What a request says of the page that a browser sent it for.
struct PageOrigin {
    private let site: ArraySlice<UInt8>?
    private let origin: String?
    private let referrer: String?
    private let parameters: CGIParameters

    init(_ parameters: CGIParameters) {
        site = parameters.bytes("HTTP_SEC_FETCH_SITE")
        origin = parameters.text("HTTP_ORIGIN")
        referrer = parameters.text("HTTP_REFERER")
        self.parameters = parameters
    }

    /// Scheme and host of ours, as the request names them.
    private var own: String? {
        let scheme = parameters.text("HTTPS") == "on" ? "https" : "http"
        return parameters.text("HTTP_HOST").map { "\(scheme)://\($0.lowercased())" }
    }

    /// Whether the browser says that another site made it send the request.
    ///
    /// Source: Fetch Metadata, "Sec-Fetch-Site".
    var isForeign: Bool {
        guard let site else { return false }
        return !site.elementsEqual("same-origin".utf8) && !site.elementsEqual("none".utf8)
    }

    /// Whether the request says of its page anything but that it is ours.
    var isKnownToBeForeign: Bool { (site != nil || origin != nil || referrer != nil) && !isOwn }

    /// Whether a page of ours sent the request: as the browser's site field says, else its origin, else its referrer. A
    /// request with none of them is nobody's.
    ///
    /// Source: OWASP, "Cross-Site Request Forgery Prevention", standard headers.
    var isOwn: Bool {
        if let site { return site.elementsEqual("same-origin".utf8) }
        guard let own else { return false }
        if let origin { return origin.lowercased() == own }
        guard let referrer = referrer?.lowercased() else { return false }
        return referrer == own || referrer.hasPrefix(own + "/")
    }
}

/// What happens to a browser's session with an answer.
package enum SessionChange: Sendable, Equatable {
    /// The browser is to send this token from now on.
    case begins(token: String)
    case ends

    /// The cookie that tells it. The prefix binds it to this host and to TLS.
    ///
    /// Source: RFC 6265bis, "Cookie Name Prefixes".
    var cookie: HTTPField {
        let (value, age) =
            switch self {
            case .begins(let token): (token, SessionSigner.longest)
            case .ends: ("", 0)
            }
        let text = "__Host-jackfield=\(value); Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=\(age)"
        return HTTPField(name: .setCookie, value: text)
    }
}
