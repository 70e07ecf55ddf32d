/* Contexts in which there is nothing. */
#ifndef STATELESS_H
#define STATELESS_H

#include "smbench.h"

__attribute__((unused)) static smb_status create(const smb_create_args *args, smb_context **context, smb_error *error)
{
    static char nothing;
    (void)args, (void)error;
    *context = (smb_context *)&nothing;
    return SMB_OK;
}

__attribute__((unused)) static void destroy(smb_context *context)
{
    (void)context;
}

#endif
