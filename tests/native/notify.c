/* Notifications. */
#define _GNU_SOURCE
#include <string.h>
#include "dvk_standin.h"

/* Says who notifies, and nothing else: the value shows with none of the processes of a DC. */
static message notification(const slot_t *from)
{
    message m;
    memset(&m, 0, sizeof(m));
    m.m_source = from->u.p_endpoint;
    m.m_type = NOTIFY_BASE + from->u.p_nr;
    clock_gettime(CLOCK_REALTIME, &m.m_u.m_m9.m9t1);
    return m;
}

void set_pending(driver_t *d, int dcid, slot_t *to, int nr)
{
    int index = link_of(d, dcid, slot_by_number(d, dcid, nr)) - 1;
    to->pending[index / 64] |= 1ULL << index % 64;
}

int take_pending(driver_t *d, int dcid, slot_t *me, int from)
{
    me->u.p_misc_flags &= ~(unsigned long)MISC_NOTIFY;
    for (int i = 0; i < MAX_SLOTS; i++) {
        slot_t *s = &d->dc[dcid].slot[i];
        if (!(me->pending[i / 64] & 1ULL << i % 64) || (from != ANY && s->u.p_endpoint != from)) continue;
        me->pending[i / 64] &= ~(1ULL << i % 64);
        me->msg = notification(s);
        return 1;
    }
    return 0;
}

static int notify_remote(driver_t *d, int dcid, slot_t *me, slot_t *from, slot_t *to, int value)
{
    int px = route(d, dcid, to->u.p_nodeid);
    if (px < 0) return px;
    me->request = command(d, CMD_NTFY_MSG, dcid, from->u.p_endpoint, to->u.p_endpoint, to->u.p_nodeid);
    me->request.c_rcode = value;
    me->request.c_msg = notification(from);
    begin_wait(me, W_NOTIFY);
    me->u.p_rts_flags |= RTS_SENDING;
    me->u.p_sendto = me->u.p_getfrom = to->u.p_endpoint;
    int failed = queue_request(d, dcid, me);
    if (failed) { cancel_wait(d, me); return failed; }
    return wait_done(d, me, -1);
}

/* The module locks the caller out after it has refused a notification of oneself or out of range. */
int call_notify(call_t *c, void *arg)
{
    driver_t *d = c->d;
    slot_t *me;
    int dcid;
    TAKE(parm_notify_t, parm)
    int failed = check_caller(c, DVK_IOCSNOTIFY, &me, &dcid);
    if (failed) return failed;
    slot_t *from = parm.parm_nr == SELF ? me : slot_by_number(d, dcid, parm.parm_nr);
    slot_t *to = parm.parm_ep == SELF ? me : slot_by_endpoint(d, dcid, parm.parm_ep);
    if (!to || to == me) { mark_stuck(c, me); return to ? EDVSENDPOINT : EDVSRANGE; }
    if (parm.parm_ep == HARDWARE) return EDVSBADDEST;
    if (to->u.p_endpoint != parm.parm_ep) return EDVSENDPOINT;
    if (!to->used) return EDVSTRAPDENIED;
    if (!from || !from->used || from->u.p_rts_flags & RTS_REMOTE) return EDVSBADPROC;
    if (to->u.p_rts_flags & RTS_REMOTE) return notify_remote(d, dcid, me, from, to, parm.parm_val);
    from->u.p_lclsent++;
    if (accepts(to, from->u.p_endpoint)) {
        message m = notification(from);
        deliver(d, to, from->u.p_endpoint, &m);
    } else set_pending(d, dcid, to, from->u.p_nr);
    return 0;
}
