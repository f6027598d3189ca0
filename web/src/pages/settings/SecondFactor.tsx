import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { post, remove } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import { useSession } from "../../app/session.tsx";
import { useT } from "../../i18n/i18n.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Code.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/Field.tsx";
import { FormDialog, FormError } from "../../ui/FormDialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Card } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { drawingOf } from "./qr.ts";
import { useRenewSession } from "./renew.ts";
import styles from "./Settings.module.css";

interface Offer {
  secret: string;
  uri: string;
  qr_svg?: string;
}

/** The second factor: turned on with an authenticator, off with the password. */
export function SecondFactor() {
  const t = useT();
  const toast = useToast();
  const { user } = useSession();
  const [offer, setOffer] = useState<Offer | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [dropping, setDropping] = useState(false);
  const begin = useMutation({
    mutationFn: () => post<Offer>("/me/totp"),
    onSuccess: setOffer,
    onError: (error) => toast.fail(error),
  });
  return (
    <Card
      title={t("totp.title")}
      actions={
        <Badge tone={user.totp ? "pass" : "neutral"} icon={user.totp ? "check" : "minus"}>
          {t(user.totp ? "totp.on" : "totp.off")}
        </Badge>
      }
    >
      <p className={styles.note}>{t("totp.text")}</p>
      {user.totp ? (
        <span>
          <Button onClick={() => setDropping(true)}>{t("totp.drop")}</Button>
        </span>
      ) : (
        !offer && (
          <span>
            <Button kind="primary" icon="lock" busy={begin.isPending} onClick={() => begin.mutate()}>
              {t("totp.begin")}
            </Button>
          </span>
        )
      )}
      {offer && !user.totp && (
        <Enrol
          offer={offer}
          onDone={(made) => {
            setCodes(made);
            setOffer(null);
          }}
          onCancel={() => setOffer(null)}
        />
      )}
      {codes && <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />}
      {dropping && <Drop onClose={() => setDropping(false)} />}
    </Card>
  );
}

function Enrol({ offer, onDone, onCancel }: { offer: Offer; onDone: (codes: string[]) => void; onCancel: () => void }) {
  const t = useT();
  const renew = useRenewSession();
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => post<{ recovery_codes: string[] }>("/me/totp/confirm", { code: code.replaceAll(" ", "") }),
    onSuccess: async ({ recovery_codes }) => {
      onDone(recovery_codes);
      await renew();
    },
  });
  const drawing = drawingOf(offer.qr_svg);
  return (
    <div className={styles.enrol}>
      {drawing && (
        <svg
          className={styles.qr}
          viewBox={`0 0 ${drawing.size} ${drawing.size}`}
          role="img"
          aria-label={t("totp.qr")}
          shapeRendering="crispEdges"
        >
          <path d={drawing.path} fill="#000" />
        </svg>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate();
        }}
      >
        <p>{t("totp.scan")}</p>
        <div className={styles.secret}>
          <code>{offer.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
          <Copy text={offer.secret} label={t("totp.copySecret")} />
        </div>
        <TextField
          label={t("signin.code")}
          hint={t("totp.codeHint")}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          minLength={6}
          maxLength={20}
          value={code}
          error={confirm.error ? asProblem(confirm.error).field("code") : undefined}
          onChange={(event) => setCode(event.target.value)}
        />
        <FormError error={confirm.error} />
        <span className={styles.badges}>
          <Button type="submit" kind="primary" busy={confirm.isPending}>
            {t("totp.confirm")}
          </Button>
          <Button onClick={onCancel}>{t("action.cancel")}</Button>
        </span>
      </form>
    </div>
  );
}

function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const t = useT();
  return (
    <Dialog
      open
      title={t("totp.codes")}
      onClose={onClose}
      actions={
        <>
          <Copy small={false} text={codes.join("\n")} label={t("totp.copyCodes")} />
          <Button kind="primary" onClick={onClose} data-autofocus>
            {t("totp.kept")}
          </Button>
        </>
      }
    >
      <Notice tone="warn">{t("totp.codesText")}</Notice>
      <ul className={styles.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </Dialog>
  );
}

function Drop({ onClose }: { onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const renew = useRenewSession();
  const [password, setPassword] = useState("");
  const drop = useMutation({
    mutationFn: () => remove("/me/totp", { password }),
    onSuccess: async () => {
      await renew();
      toast.say(t("totp.dropped"));
      onClose();
    },
  });
  return (
    <FormDialog
      danger
      title={t("totp.drop")}
      submit={t("totp.drop")}
      sending={drop}
      onSubmit={() => drop.mutate()}
      onClose={onClose}
    >
      <p>{t("totp.dropText")}</p>
      <TextField
        label={t("signin.password")}
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
