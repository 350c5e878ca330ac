//  A voicemail box for everybody belongs to nobody.

import PluginKit

struct UsersVoicemailsRules: AssociationRules {
    func objections(toLinking user: Document, _ voicemail: Document, _ reader: Reader) -> [String] {
        voicemail["access"] == "global" ? ["A global voicemail box belongs to nobody."] : []
    }
}
