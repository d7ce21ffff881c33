/* vcopy: the requester's side. */
#include <string.h>
#include "dvk_standin.h"

static int is_remote(const slot_t *s) { return (s->u.p_rts_flags & RTS_REMOTE) != 0; }

/* Only what a process copies to or from itself counts as its own. Of two others, the source's receive ends with it; the module does that in the
 * name of the process, and where that is none, it does not return. */
static int copy_here(call_t *c, slot_t *me, const vcopy_t *v, slot_t *from, slot_t *to)
{
    int main_dc, is_own = from == me || to == me;
    if (!is_own && c->in->strict && !slot_of_thread(c->d, c->pid, 0, &main_dc)) never_return(c->d);
    int failed = copy_blocks(c->d, v, from, to);
    if (failed) return failed;
    if (is_own) me->u.p_lclcopy++;
    else end_receive_of(c->d, from);
    return 0;
}

/* Which command a piece needs, to which node, about which process. */
static int start_piece(driver_t *d, int dcid, slot_t *me, slot_t *from, slot_t *to, const vcopy_t *v)
{
    int code = !is_remote(from) ? CMD_COPYIN_DATA : !is_remote(to) ? CMD_COPYOUT_RQST
        : from->u.p_nodeid == to->u.p_nodeid ? CMD_COPYLCL_RQST : CMD_COPYRMT_RQST;
    slot_t *partner = is_remote(from) && code != CMD_COPYLCL_RQST ? from : to, *parts[2] = { from, to };
    me->request = command(d, code, dcid, me->u.p_endpoint, partner->u.p_endpoint, partner->u.p_nodeid);
    me->request.c_vcopy = *v;
    if (code == CMD_COPYIN_DATA) me->request.c_len = v->v_bytes;
    begin_wait(me, W_COPY);
    me->u.p_rts_flags |= RTS_ONCOPY;
    me->u.p_sendto = partner->u.p_endpoint;
    for (int i = 0; i < 2; i++) {
        me->part[i] = is_remote(parts[i]) ? 0 : link_of(d, dcid, parts[i]);
        if (me->part[i]) parts[i]->u.p_rts_flags |= RTS_ONCOPY;
    }
    int failed = queue_request(d, dcid, me);
    if (failed) { cancel_wait(d, me); return failed; }
    return wait_done(d, me, COPY_TIMEOUT);
}

static int find_part(driver_t *d, int dcid, int endpoint, int dead, slot_t **part)
{
    slot_t *s = slot_by_endpoint(d, dcid, endpoint);
    if (!s) return EDVSRANGE;
    if (s->u.p_endpoint != endpoint) return EDVSENDPOINT;
    *part = s;
    return s->used ? 0 : dead;
}

static int is_magic(int endpoint) { return endpoint == ANY || endpoint == NONE; }

static int find_parts(driver_t *d, int dcid, slot_t *me, vcopy_t *v, slot_t **from, slot_t **to)
{
    v->v_rqtr = me->u.p_endpoint;
    if (v->v_src == SELF) v->v_src = me->u.p_endpoint;
    if (v->v_dst == SELF) v->v_dst = me->u.p_endpoint;
    if (v->v_src == v->v_dst || is_magic(v->v_src) || is_magic(v->v_dst)) return EDVSENDPOINT;
    if (!may_call(d, dcid, me, DVK_IOCSVCOPY)) return EDVSBADCALL;
    if (v->v_src == HARDWARE || v->v_dst == HARDWARE) return EDVSBADDEST;
    int failed = find_part(d, dcid, v->v_src, EDVSSRCDIED, from);
    return failed ? failed : find_part(d, dcid, v->v_dst, EDVSDSTDIED, to);
}

/* A remote process is checked by its own driver. */
static int is_ready(const slot_t *me, const slot_t *part) { return part == me || is_remote(part) || is_receiving(part); }

static int piece(call_t *c, int dcid, slot_t *me, vcopy_t *v, int left)
{
    driver_t *d = c->d;
    slot_t *from, *to;
    int failed = find_parts(d, dcid, me, v, &from, &to);
    if (failed) return failed;
    if ((me->u.p_rts_flags | from->u.p_rts_flags | to->u.p_rts_flags) & RTS_ONCOPY) return EDVSONCOPY;
    if (!is_ready(me, from) || !is_ready(me, to)) return EDVSPROCSTS;
    v->v_bytes = left;
    if (!left) return 0;
    if (!is_remote(from) && !is_remote(to)) return copy_here(c, me, v, from, to);
    int px = route(d, dcid, is_remote(from) ? from->u.p_nodeid : to->u.p_nodeid);
    if (px < 0) return px;
    if (is_remote(to) && !(d->dc[dcid].u.dc_nodes & 1UL << to->u.p_nodeid)) return EDVSNODCNODE;
    if (left > d->pair[px].maxbuf) v->v_bytes = d->pair[px].maxbuf;
    if (!is_remote(from) && (failed = read_memory(from->pid, v->v_saddr, d->scratch, v->v_bytes))) return failed;
    if (!is_remote(to) && (failed = read_memory(to->pid, v->v_daddr, d->scratch, v->v_bytes))) return failed;
    return start_piece(d, dcid, me, from, to, v);
}

int call_vcopy(call_t *c, void *arg)
{
    slot_t *me;
    int dcid;
    TAKE(vcopy_t, v)
    if (v.v_rqtr != SELF) { violation("vcopy: requester is %d, not SELF", v.v_rqtr); return EDVSINVAL; }
    if (v.v_bytes < 0 || v.v_bytes > c->d->dvs.d_max_copylen) return EDVSRANGE;
    int left = v.v_bytes, failed = find_caller(c, &me, &dcid);
    if (failed) return failed;
    do {
        if ((failed = piece(c, dcid, me, &v, left))) return failed;
        v.v_saddr += v.v_bytes;
        v.v_daddr += v.v_bytes;
        left -= v.v_bytes;
    } while (left > 0);
    return 0;
}
