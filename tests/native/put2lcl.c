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

static int is_ack(int code) { return (code & CMD_ACK) != 0; }

static int is_message(int code) { return code == CMD_SEND_MSG || code == CMD_SNDREC_MSG || code == CMD_REPLY_MSG || code == CMD_NTFY_MSG; }

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
    if (is_message(cmd->c_cmd) && !is_system(d, cmd->c_dcid, i->src) && !is_system(d, cmd->c_dcid, i->dst)) return EDVSTRAPDENIED;
    if (!(i->src->u.p_rts_flags & RTS_REMOTE)) return EDVSLCLPROC;
    if (!is_ack(cmd->c_cmd) && i->src->u.p_rts_flags & RTS_SENDING) return EDVSENQUEUED;
    if (!i->dst->used) return EDVSDSTDIED;
    if (i->dst->u.p_rts_flags & RTS_REMOTE) return EDVSRMTPROC;
    return i->dst->u.p_endpoint == cmd->c_dst ? 0 : EDVSENDPOINT;
}

static int is_silent(int error)
{
    return error == EDVSNONODE || error == EDVSLCLPROC || error == EDVSENQUEUED || error == EDVSNOTBIND || error == EDVSENDPOINT;
}

static void acknowledge(incoming_t *i, int code, int endpoint, int nodeid, int result)
{
    cmd_t ack = command(i->d, code, i->cmd.c_dcid, i->cmd.c_dst, endpoint, nodeid);
    ack.c_rcode = result;
    ack.c_vcopy = i->cmd.c_vcopy;
    queue_command(i->d, &ack, -1);
}

static int node_of(incoming_t *i, int endpoint)
{
    slot_t *s = slot_by_endpoint(i->d, i->cmd.c_dcid, endpoint);
    return s && s->used ? s->u.p_nodeid : i->cmd.c_snode;
}

/* The acknowledgement that a failed command gets. */
static void answer_failure(incoming_t *i, int error)
{
    switch (i->cmd.c_cmd) {
    case CMD_SEND_MSG: case CMD_SNDREC_MSG: case CMD_REPLY_MSG: acknowledge(i, CMD_SEND_ACK, i->cmd.c_src, i->cmd.c_snode, error); break;
    case CMD_COPYIN_DATA: acknowledge(i, CMD_COPYIN_ACK, i->cmd.c_src, i->cmd.c_snode, error); break;
    case CMD_COPYOUT_RQST: acknowledge(i, CMD_COPYOUT_DATA, i->cmd.c_src, i->cmd.c_snode, error); break;
    case CMD_COPYLCL_RQST: acknowledge(i, CMD_COPYLCL_ACK, i->cmd.c_src, i->cmd.c_snode, error); break;
    case CMD_COPYRMT_RQST: acknowledge(i, CMD_COPYRMT_ACK, i->cmd.c_src, i->cmd.c_snode, error); break;
    case CMD_COPYIN_RQST: acknowledge(i, CMD_COPYRMT_ACK, i->cmd.c_vcopy.v_rqtr, node_of(i, i->cmd.c_vcopy.v_rqtr), error); break;
    }
}

static int wakes(incoming_t *i, int expected)
{
    slot_t *dst = i->dst;
    if (dst->awaiting == NONE) return EDVSACKDST;
    if (dst->awaiting != i->cmd.c_src) return EDVSACKSRC;
    if (dst->expect_ack != expected) return EDVSPROCSTS;
    finish(dst, i->cmd.c_rcode);
    return 0;
}

static int incoming_message(incoming_t *i)
{
    slot_t *src = i->src, *dst = i->dst;
    src->msg = i->cmd.c_msg;
    src->msg.m_source = i->cmd.c_src;
    switch (i->cmd.c_cmd) {
    case CMD_SEND_MSG: return deliver_message(i->d, i->cmd.c_dcid, src, dst, 0);
    case CMD_SNDREC_MSG: return deliver_message(i->d, i->cmd.c_dcid, src, dst, 1);
    case CMD_NTFY_MSG: return deliver_notify(i->d, i->cmd.c_dcid, src, dst, i->cmd.c_rcode);
    }
    if (!(dst->u.p_rts_flags & RTS_RECEIVING) || !dst->wants_reply || dst->u.p_getfrom != i->cmd.c_src) return EDVSPROCSTS;
    cancel_command(i->d, dst);
    dst->msg = src->msg;
    finish(dst, 0);
    acknowledge(i, CMD_SEND_ACK, i->cmd.c_src, i->cmd.c_snode, 0);
    return 0;
}

/* Memory of a process of this node. */
static slot_t *local_part(incoming_t *i, int endpoint, int *error)
{
    slot_t *s = slot_by_endpoint(i->d, i->cmd.c_dcid, endpoint);
    *error = !s ? EDVSRANGE : !s->used ? EDVSDSTDIED : s->u.p_rts_flags & RTS_REMOTE ? EDVSRMTPROC : s->u.p_endpoint != endpoint ? EDVSENDPOINT : 0;
    return s;
}

static int check_length(incoming_t *i)
{
    int bytes = i->cmd.c_vcopy.v_bytes;
    return bytes < 0 || bytes > i->maxbuf ? EDVSRANGE : 0;
}

static int store_block(incoming_t *i)
{
    char *block = i->d->scratch;
    int error = check_length(i);
    slot_t *to = local_part(i, i->cmd.c_vcopy.v_dst, &error);
    int length = check_length(i);
    if (length) return length;
    if (error) return error;
    if (!i->cmd.c_vcopy.v_bytes) return 0;
    error = read_memory(getpid(), i->payload, block, i->cmd.c_vcopy.v_bytes);
    if (error) { violation("put2lcl: %d bytes of payload at %p cannot be read", i->cmd.c_vcopy.v_bytes, (void *)i->payload); return error; }
    return write_memory(to->pid, i->cmd.c_vcopy.v_daddr, block, i->cmd.c_vcopy.v_bytes);
}

static int copy_local(incoming_t *i)
{
    char *block = i->d->scratch;
    int error = check_length(i);
    if (error) return error;
    slot_t *from = local_part(i, i->cmd.c_vcopy.v_src, &error);
    if (error) return error;
    slot_t *to = local_part(i, i->cmd.c_vcopy.v_dst, &error);
    if (error) return error;
    error = read_memory(from->pid, i->cmd.c_vcopy.v_saddr, block, i->cmd.c_vcopy.v_bytes);
    return error ? error : write_memory(to->pid, i->cmd.c_vcopy.v_daddr, block, i->cmd.c_vcopy.v_bytes);
}

static int copy_request(incoming_t *i, int answer)
{
    cmd_t out = command(i->d, answer, i->cmd.c_dcid, i->cmd.c_dst, i->cmd.c_src, i->cmd.c_snode);
    out.c_vcopy = i->cmd.c_vcopy;
    if (answer == CMD_COPYIN_RQST) {
        slot_t *to = slot_by_endpoint(i->d, i->cmd.c_dcid, i->cmd.c_vcopy.v_dst);
        if (!to || !to->used) return EDVSDSTDIED;
        out.c_dst = i->cmd.c_vcopy.v_dst;
        out.c_dnode = to->u.p_nodeid;
    }
    int error = check_length(i);
    if (!error) local_part(i, i->cmd.c_vcopy.v_src, &error);
    if (error) return error;
    out.c_len = i->cmd.c_vcopy.v_bytes;
    return queue_command(i->d, &out, -1);
}

static int copy_outcome(incoming_t *i, int result)
{
    slot_t *rqtr = i->dst;
    if (!(rqtr->u.p_rts_flags & RTS_ONCOPY) || rqtr->expect_ack != i->cmd.c_cmd) return EDVSPROCSTS;
    finish(rqtr, result);
    return 0;
}

static int perform(incoming_t *i)
{
    int error;
    switch (i->cmd.c_cmd) {
    case CMD_SEND_MSG: case CMD_SNDREC_MSG: case CMD_REPLY_MSG: case CMD_NTFY_MSG: return incoming_message(i);
    case CMD_SEND_ACK:
        /* The acknowledgement of a sendrec that failed comes in this form too. */
        if (i->dst->wants_reply && i->cmd.c_rcode < 0 && i->dst->awaiting == i->cmd.c_src) { finish(i->dst, i->cmd.c_rcode); return 0; }
        return wakes(i, CMD_SEND_ACK);
    case CMD_SNDREC_ACK: return wakes(i, CMD_SNDREC_ACK);
    case CMD_COPYIN_DATA:
        error = store_block(i);
        acknowledge(i, CMD_COPYIN_ACK, i->cmd.c_src, i->cmd.c_snode, error);
        return error;
    case CMD_COPYOUT_RQST: return copy_request(i, CMD_COPYOUT_DATA);
    case CMD_COPYRMT_RQST: return copy_request(i, CMD_COPYIN_RQST);
    case CMD_COPYLCL_RQST:
        error = copy_local(i);
        if (!error) acknowledge(i, CMD_COPYLCL_ACK, i->cmd.c_src, i->cmd.c_snode, 0);
        return error;
    case CMD_COPYIN_RQST:
        error = store_block(i);
        acknowledge(i, CMD_COPYRMT_ACK, i->cmd.c_vcopy.v_rqtr, node_of(i, i->cmd.c_vcopy.v_rqtr), error);
        return error;
    case CMD_COPYOUT_DATA:
        if (!(i->dst->u.p_rts_flags & RTS_ONCOPY) || i->dst->expect_ack != CMD_COPYOUT_DATA) return EDVSPROCSTS;
        error = i->cmd.c_rcode ? i->cmd.c_rcode : store_block(i);
        return copy_outcome(i, error);
    case CMD_COPYIN_ACK: case CMD_COPYLCL_ACK: case CMD_COPYRMT_ACK: return copy_outcome(i, i->cmd.c_rcode);
    }
    return EDVSBADREQUEST;
}

int call_put2lcl(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int role, px, dcid;
    TAKE(parm_put2lcl_t, parm)
    incoming_t i = { .d = d, .payload = parm.parm_pay };
    int failed = take(parm.parm_cmd, &i.cmd, sizeof(cmd_t), _Alignof(cmd_t), "cmd_t of put2lcl");
    if (failed) return failed;
    pair_t *pair = pair_of_thread(d, c->tid, &role, &px);
    if (!pair) return slot_of_thread(d, c->tid, c->pid, &dcid) ? EDVSNOPROXY : EDVSNOTBIND;
    if (role != 1) return EDVSBADPROXY;
    if (pair->closing) return EDVSSHUTDOWN;
    if (!(pair->flags & PAIR_RCONN)) return EDVSNOTCONN;
    if (!parm.parm_pay) { violation("payload of put2lcl is null"); return EDVSFAULT; }
    char last;
    if (i.cmd.c_len < 0 || i.cmd.c_len > 65536 || (i.cmd.c_len > 0 && read_memory(c->pid, i.payload + i.cmd.c_len - 1, &last, 1))) {
        violation("put2lcl: c_len %d does not fit the payload at %p", i.cmd.c_len, (void *)i.payload);
        return EDVSFAULT;
    }
    i.maxbuf = pair->maxbuf;
    failed = check(&i);
    int known = i.cmd.c_cmd == CMD_COPYIN_DATA || i.cmd.c_cmd == CMD_COPYIN_RQST;
    int error = failed ? failed : perform(&i);
    if (error && !is_silent(error) && (failed || !known)) answer_failure(&i, error);
    if (!error && i.cmd.c_snode >= 0 && i.cmd.c_snode < MAX_NODES) {
        d->node[i.cmd.c_snode].n_pxrcvd++;
        clock_gettime(CLOCK_REALTIME, &d->node[i.cmd.c_snode].n_rtimestamp);
    }
    pair->received++;
    return error;
}
