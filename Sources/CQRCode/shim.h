//  libqrencode: text as a QR code.
#include <qrencode.h>
