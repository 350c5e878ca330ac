//  libfcgi's multi-threaded interface.
#include <fcgiapp.h>
