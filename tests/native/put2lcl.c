/* Commands from a peer node. */
#include <string.h>
#include <unistd.h>
#include "dvk_standin.h"

#define TAKE(type, name) \
    type name; \
    { int failed = take(arg, &name, sizeof(name), _Alignof(type), #type); if (failed) return failed; }

typedef struct {
    driver_t *d;
    cmd_t cmd;
    char *payload;
    int maxbuf;
    slot_t *src, *dst;
} incoming_t;

static int check_privileges(incoming_t *i)
{
    int system = is_system(i->d, i->cmd.c_dcid, i->src);
    switch (i->cmd.c_cmd) {
    case CMD_SEND_MSG: case CMD_SNDREC_MSG: case CMD_REPLY_MSG: case CMD_NTFY_MSG:
        return system || is_system(i->d, i->cmd.c_dcid, i->dst) ? 0 : EDVSTRAPDENIED;
    case CMD_COPYIN_DATA: case CMD_COPYOUT_RQST: case CMD_COPYLCL_RQST: case CMD_COPYRMT_RQST:
        return system ? 0 : EDVSBADCALL;        /* their source is the requester */
    }
    return 0;
}

/* Only what the source process itself asks for needs it free; answers come from its driver. */
static int needs_idle_source(int code)
{
    return code == CMD_SEND_MSG || code == CMD_SNDREC_MSG || code == CMD_REPLY_MSG || code == CMD_COPYIN_DATA || code == CMD_COPYOUT_RQST
        || code == CMD_COPYLCL_RQST || code == CMD_COPYRMT_RQST;
}

/* The checks, in the order of the description. */
static int check(incoming_t *i)
{
    driver_t *d = i->d;
    cmd_t *cmd = &i->cmd;
    if (cmd->c_dcid < 0 || cmd->c_dcid >= d->dvs.d_nr_dcs) return EDVSBADDCID;
    dc_t *dc = &d->dc[cmd->c_dcid];
    if (!dc->running) return EDVSDCNOTRUN;
    i->src = slot_by_endpoint(d, cmd->c_dcid, cmd->c_src);
    i->dst = slot_by_endpoint(d, cmd->c_dcid, cmd->c_dst);
    if (!i->src || !i->dst) return EDVSRANGE;
    if (cmd->c_snode < 0 || cmd->c_snode >= d->dvs.d_nr_nodes || !(dc->u.dc_nodes & 1UL << cmd->c_snode)) return EDVSNODCNODE;
    if (cmd->c_dnode != d->nodeid) return EDVSBADNODEID;
    if (!i->src->used) return EDVSNOTBIND;
    if (i->src->u.p_endpoint != cmd->c_src) return EDVSENDPOINT;
    if (i->src->u.p_nodeid != cmd->c_snode) return EDVSNONODE;
    int denied = check_privileges(i);
    if (denied) return denied;
    if (!(i->src->u.p_rts_flags & RTS_REMOTE)) return EDVSLCLPROC;
    if (i->src->queued_at && needs_idle_source(cmd->c_cmd)) return EDVSENQUEUED;
    if (i->dst->u.p_rts_flags & RTS_REMOTE) return EDVSRMTPROC;
    if (!i->dst->used) return EDVSDSTDIED;
    return i->dst->u.p_endpoint == cmd->c_dst ? 0 : EDVSENDPOINT;
}

/* COPYRMT_ACK goes to the requester's node, which is a third one. */
static void answer_requester(incoming_t *i, int by, int result)
{
    slot_t *rqtr = slot_by_endpoint(i->d, i->cmd.c_dcid, i->cmd.c_vcopy.v_rqtr);
    if (!rqtr || !rqtr->used || !(rqtr->u.p_rts_flags & RTS_REMOTE) || rqtr->u.p_endpoint != i->cmd.c_vcopy.v_rqtr) return;
    cmd_t ack = command(i->d, CMD_COPYRMT_ACK, i->cmd.c_dcid, by, rqtr->u.p_endpoint, rqtr->u.p_nodeid);
    ack.c_rcode = result;
    ack.c_vcopy = i->cmd.c_vcopy;
    queue_answer(i->d, &ack, result != 0);
}

static void answer_failure(incoming_t *i, int error)
{
    int code = i->cmd.c_cmd;
    if (error == EDVSNONODE || error == EDVSLCLPROC || error == EDVSENQUEUED || error == EDVSNOTBIND || error == EDVSENDPOINT) return;
    if (code == CMD_SEND_MSG || code == CMD_SNDREC_MSG || code == CMD_REPLY_MSG) answer(i->d, &i->cmd, CMD_SEND_ACK, error, 1);
    else if (code >= CMD_COPYIN_DATA && code <= CMD_COPYRMT_RQST) answer(i->d, &i->cmd, code | CMD_ACK, error, 1);
    else if (code == CMD_COPYIN_RQST && i->dst) answer_requester(i, i->cmd.c_dst, error);
}

/* Nothing positive is a result. */
static int result_of(const cmd_t *cmd) { return cmd->c_rcode > 0 ? EDVSGENERIC : cmd->c_rcode; }

static int incoming_message(incoming_t *i, int is_request)
{
    settle(i->src);
    if (is_request) { i->src->u.p_rts_flags |= RTS_RECEIVING; i->src->u.p_getfrom = i->dst->u.p_endpoint; }
    if (accepts(i->dst, i->cmd.c_src, is_request)) {
        deliver(i->d, i->dst, i->cmd.c_src, &i->cmd.c_msg);
        if (!is_request) answer(i->d, &i->cmd, CMD_SEND_ACK, 0, 0);
    } else {
        i->src->msg = i->cmd.c_msg;
        queue_at(i->d, i->cmd.c_dcid, i->dst, i->src, is_request);
    }
    return 0;
}

static int incoming_reply(incoming_t *i)
{
    if (!is_receiving(i->dst) || i->dst->u.p_getfrom != i->cmd.c_src) return EDVSPROCSTS;
    settle(i->src);
    deliver(i->d, i->dst, i->cmd.c_src, &i->cmd.c_msg);
    answer(i->d, &i->cmd, CMD_SEND_ACK, 0, 0);
    return 0;
}

static int incoming_ack(incoming_t *i)
{
    slot_t *dst = i->dst;
    int waits = (dst->wait == W_SEND || dst->wait == W_SENDREC || dst->wait == W_REPLY) && dst->u.p_rts_flags & RTS_RMTOP && !dst->op;
    if (!waits) return dst->wait == W_COPY ? EDVSPROCSTS : EDVSACKDST;
    if (dst->u.p_sendto != i->cmd.c_src) return EDVSACKSRC;
    int result = result_of(&i->cmd);
    if (dst->wait == W_SENDREC && !result) return EDVSPROCSTS;      /* only a reply ends a sendrec well */
    finish(i->d, dst, result);
    return 0;
}

/* A process of this node that takes part in a copy somebody else asked for. */
static int check_part(const slot_t *s) { return !is_receiving(s) ? EDVSPROCSTS : s->u.p_rts_flags & RTS_ONCOPY ? EDVSBUSY : 0; }

static int is_piece(incoming_t *i) { return i->cmd.c_vcopy.v_bytes >= 0 && i->cmd.c_vcopy.v_bytes <= i->maxbuf; }

static int store(incoming_t *i, slot_t *to, char *address)
{
    int bytes = i->cmd.c_vcopy.v_bytes;
    if (!bytes) return 0;
    int error = read_memory(getpid(), i->payload, i->d->scratch, bytes);
    if (error) { violation("put2lcl: %d bytes of payload at %p cannot be read", bytes, (void *)i->payload); return error; }
    return write_memory(to->pid, address, i->d->scratch, bytes);
}

static int copy_in(incoming_t *i)
{
    if (!is_piece(i) || i->cmd.c_len != i->cmd.c_vcopy.v_bytes) return EDVSRANGE;
    int error = check_part(i->dst);
    return error ? error : store(i, i->dst, i->cmd.c_vcopy.v_daddr);
}

static int other_part(incoming_t *i, int endpoint, slot_t **part)
{
    slot_t *s = slot_by_endpoint(i->d, i->cmd.c_dcid, endpoint);
    if (!s) return EDVSRANGE;
    if (!s->used) return EDVSDSTDIED;
    *part = s;
    return s->u.p_endpoint == endpoint ? 0 : EDVSENDPOINT;
}

static int copy_local(incoming_t *i)
{
    slot_t *to, *from = i->dst;
    int bytes = i->cmd.c_vcopy.v_bytes, error;
    if (!is_piece(i)) return EDVSRANGE;
    if ((error = other_part(i, i->cmd.c_vcopy.v_dst, &to))) return error;
    if (to->u.p_rts_flags & RTS_REMOTE) return EDVSRMTPROC;
    if (to == from) return EDVSPERM;
    if ((error = check_part(from)) || (error = check_part(to))) return error;
    if (bytes && (error = read_memory(from->pid, i->cmd.c_vcopy.v_saddr, i->d->scratch, bytes))) return error;
    return bytes ? write_memory(to->pid, i->cmd.c_vcopy.v_daddr, i->d->scratch, bytes) : 0;
}

/* The block follows when the sender proxy fetches it. */
static int copy_out(incoming_t *i, int code)
{
    slot_t *to;
    int bytes = i->cmd.c_vcopy.v_bytes, error;
    cmd_t out = command(i->d, code, i->cmd.c_dcid, i->cmd.c_dst, i->cmd.c_src, i->cmd.c_snode);
    if (!is_piece(i)) return EDVSRANGE;
    if (code == CMD_COPYIN_RQST) {
        if ((error = other_part(i, i->cmd.c_vcopy.v_dst, &to))) return error;
        if (!(to->u.p_rts_flags & RTS_REMOTE)) return EDVSBADDEST;
        out.c_dst = to->u.p_endpoint;
        out.c_dnode = to->u.p_nodeid;
        out.c_pid = i->dst->u.p_lpid;
    }
    if ((error = check_part(i->dst))) return error;
    if (code == CMD_COPYIN_RQST && (error = route(i->d, i->cmd.c_dcid, out.c_dnode)) < 0) return error;
    if (bytes && (error = read_memory(i->dst->pid, i->cmd.c_vcopy.v_saddr, i->d->scratch, bytes))) return error;
    out.c_len = bytes;
    out.c_vcopy = i->cmd.c_vcopy;
    if ((error = queue_answer(i->d, &out, 0))) return error;
    i->dst->u.p_rts_flags |= RTS_ONCOPY;
    return 0;
}

static int same_copy(const vcopy_t *a, const vcopy_t *b)
{
    static const vcopy_t empty;
    return (a->v_src == b->v_src && a->v_dst == b->v_dst && a->v_rqtr == b->v_rqtr && a->v_saddr == b->v_saddr && a->v_daddr == b->v_daddr
        && a->v_bytes == b->v_bytes) || (!memcmp(a, &empty, 12) && !a->v_saddr && !a->v_daddr && !a->v_bytes);
}

static int is_awaited(incoming_t *i)
{
    slot_t *rqtr = i->dst;
    return rqtr->wait == W_COPY && !rqtr->op && (rqtr->request.c_cmd | CMD_ACK) == i->cmd.c_cmd && same_copy(&i->cmd.c_vcopy, &rqtr->request.c_vcopy);
}

static int copy_out_data(incoming_t *i)
{
    slot_t *rqtr = i->dst;
    if (!is_awaited(i) || rqtr->u.p_sendto != i->src->u.p_endpoint) return EDVSPROCSTS;
    int result = result_of(&i->cmd), error = 0;
    if (!result) {
        slot_t *to = slot_at(i->d, i->cmd.c_dcid, rqtr->part[1]);
        i->cmd.c_vcopy = rqtr->request.c_vcopy;
        if (i->cmd.c_len != i->cmd.c_vcopy.v_bytes) error = EDVSRANGE;
        else error = to ? store(i, to, i->cmd.c_vcopy.v_daddr) : EDVSFAULT;
        result = error;
        if (!error) rqtr->u.p_rmtcopy++;
    }
    finish(i->d, rqtr, result);
    return error;
}

static int copy_outcome(incoming_t *i)
{
    slot_t *rqtr = i->dst;
    if (rqtr->wait != W_COPY) return EDVSACKDST;
    if (!is_awaited(i)) return EDVSPROCSTS;
    int by = i->src->u.p_endpoint;
    if (by != rqtr->request.c_vcopy.v_src && by != rqtr->request.c_vcopy.v_dst) return EDVSACKSRC;
    if (!result_of(&i->cmd)) rqtr->u.p_rmtcopy++;
    finish(i->d, rqtr, result_of(&i->cmd));
    return 0;
}

static int perform(incoming_t *i)
{
    int error;
    switch (i->cmd.c_cmd) {
    case CMD_SEND_MSG: return incoming_message(i, 0);
    case CMD_SNDREC_MSG: return incoming_message(i, 1);
    case CMD_REPLY_MSG: return incoming_reply(i);
    case CMD_NTFY_MSG: post_notification(i->d, i->cmd.c_dcid, i->src, i->dst, i->cmd.c_rcode); return 0;
    case CMD_SEND_ACK: case CMD_SNDREC_ACK: return incoming_ack(i);
    case CMD_COPYIN_DATA:
        error = copy_in(i);
        if (!error) answer(i->d, &i->cmd, CMD_COPYIN_ACK, 0, 0);
        return error;
    case CMD_COPYIN_RQST:
        error = copy_in(i);
        if (!error) answer_requester(i, i->cmd.c_dst, 0);
        return error;
    case CMD_COPYOUT_RQST: return copy_out(i, CMD_COPYOUT_DATA);
    case CMD_COPYRMT_RQST: return copy_out(i, CMD_COPYIN_RQST);
    case CMD_COPYLCL_RQST:
        error = copy_local(i);
        if (!error) answer(i->d, &i->cmd, CMD_COPYLCL_ACK, 0, 0);
        return error;
    case CMD_COPYOUT_DATA: return copy_out_data(i);
    case CMD_COPYIN_ACK: case CMD_COPYLCL_ACK: case CMD_COPYRMT_ACK: return copy_outcome(i);
    }
    return EDVSBADREQUEST;
}

int call_put2lcl(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int role, px, dcid;
    char last;
    TAKE(parm_put2lcl_t, parm)
    incoming_t i = { .d = d, .payload = parm.parm_pay };
    int failed = take(parm.parm_cmd, &i.cmd, sizeof(cmd_t), _Alignof(cmd_t), "cmd_t of put2lcl");
    if (failed) return failed;
    if (!parm.parm_pay) { violation("payload of put2lcl is null"); return EDVSFAULT; }
    pair_t *pair = pair_of_thread(d, c->tid, &role, &px);
    if (!pair) return slot_of_thread(d, c->tid, c->pid, &dcid) ? EDVSNOPROXY : EDVSNOTBIND;
    if (role != 1) return EDVSBADPROXY;
    if (pair->closing) return EDVSSHUTDOWN;
    if (!(pair->flags & PAIR_RCONN)) return EDVSNOTCONN;
    if (i.cmd.c_len > 0 && read_memory(c->pid, i.payload + i.cmd.c_len - 1, &last, 1)) {
        violation("put2lcl: c_len %d does not fit the payload at %p", i.cmd.c_len, (void *)i.payload);
        return EDVSFAULT;
    }
    i.maxbuf = pair->maxbuf;
    pair->received++;
    if (i.cmd.c_snode >= 0 && i.cmd.c_snode < MAX_NODES) {
        d->node[i.cmd.c_snode].n_pxrcvd++;
        clock_gettime(CLOCK_REALTIME, &d->node[i.cmd.c_snode].n_rtimestamp);
    }
    int error = check(&i);
    if (!error) error = perform(&i);
    if (error) answer_failure(&i, error);
    return error;
}
